import type { Provider } from "../kit/resource.ts";
import { randomBytes } from "./randomBytes.ts";
import { randomId } from "./randomId.ts";
import { randomInteger } from "./randomInteger.ts";
import { randomPassword } from "./randomPassword.ts";
import { randomString } from "./randomString.ts";
import { randomUuid } from "./randomUuid.ts";

/** Stands in for pulumi-random. */
export const random: Omit<Provider, "version"> = {
    resources: {
        "random:index/randomBytes:RandomBytes": randomBytes,
        "random:index/randomId:RandomId": randomId,
        "random:index/randomInteger:RandomInteger": randomInteger,
        "random:index/randomPassword:RandomPassword": randomPassword,
        "random:index/randomString:RandomString": randomString,
        "random:index/randomUuid:RandomUuid": randomUuid,
    },
};
