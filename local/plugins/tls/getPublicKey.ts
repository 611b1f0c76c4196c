import ssh2 from "ssh2";
import { type Props, secret, text } from "../kit/values.ts";
import { algorithmOf, publicOutputs, readPrivateKey } from "./keys.ts";

/** tls.getPublicKey: everything public about a private key. */
export async function getPublicKey(args: Props): Promise<Props> {
    const given = text(args.privateKeyPem) || text(args.privateKeyOpenssh);
    const key = readPrivateKey(args.privateKeyOpenssh ? pemOf(given) : given);
    const { id, outputs } = publicOutputs(key);
    const echoed = Object.entries(args).map(([name, value]) => [name, secret(value)]);
    return { ...Object.fromEntries(echoed), ...outputs, id, algorithm: algorithmOf(key) };
}

function pemOf(openssh: string): string {
    const parsed = ssh2.utils.parseKey(openssh);
    if (parsed instanceof Error) throw new Error(`failed to parse openssh private key: ${parsed.message}`);
    return parsed.getPrivatePEM();
}
