import type { Provider } from "../kit/resource.ts";
import { certRequest } from "./certRequest.ts";
import { getPublicKey } from "./getPublicKey.ts";
import { locallySignedCert } from "./locallySignedCert.ts";
import { privateKey } from "./privateKey.ts";
import { selfSignedCert } from "./selfSignedCert.ts";

/** Stands in for pulumi-tls. */
export const tls: Omit<Provider, "version"> = {
    resources: {
        "tls:index/certRequest:CertRequest": certRequest,
        "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
        "tls:index/privateKey:PrivateKey": privateKey,
        "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
    },
    functions: { "tls:index/getPublicKey:getPublicKey": getPublicKey },
};
