import { createPrivateKey } from "node:crypto";
import type { TestStack } from "./engine.ts";
import { succeeded } from "./flagship.ts";

/** A resource of a stack's state, secrets in plain. */
export interface Recorded {
    urn: string;
    type: string;
    name: string;
    id?: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/** What the engine has recorded; for tests that have to know the secrets. */
export async function recorded(stack: TestStack): Promise<Recorded[]> {
    const text = succeeded(await stack.pulumi("stack", "export", "--show-secrets"));
    const { deployment } = JSON.parse(text, inPlain) as {
        deployment: { resources: Omit<Recorded, "name">[] };
    };
    return deployment.resources.map(({ inputs = {}, outputs = {}, ...rest }) => ({
        ...rest,
        inputs,
        outputs,
        name: rest.urn.split("::").at(-1)!,
    }));
}

/** A secret's value in place of what the engine writes for it; it may hold others. */
function inPlain(_key: string, value: { plaintext?: unknown } | null): unknown {
    return typeof value?.plaintext === "string" ? JSON.parse(value.plaintext, inPlain) : value;
}

/** Every generated secret of a stack by what it is: the lines of it that give it away. */
export function secretsIn(resources: Recorded[]): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const { type, name, inputs, outputs } of resources) {
        if (type === "tls:index/privateKey:PrivateKey") found[name] = keyLines(outputs);
        if (type === "random:index/randomPassword:RandomPassword") found[name] = [String(outputs.result)];
        const header = /^value header (\S+)$/m.exec(String(inputs.stdin ?? ""))?.[1];
        if (header !== undefined)
            found["failover token"] = [/Bearer (\S+)/.exec(Buffer.from(header, "base64").toString())![1]!];
    }
    return found;
}

/** The lines of its forms that hold its secret bytes; the others hold only what is public, or the same for all. */
function keyLines(outputs: Record<string, unknown>): string[] {
    const { d } = createPrivateKey(String(outputs.privateKeyPem)).export({ format: "jwk" });
    const secret = Buffer.from(d!, "base64url");
    const forms = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"].map((form) => outputs[form]);
    return [...new Set(forms.filter(Boolean).flatMap((form) => secretLines(String(form), secret)))].concat(
        secret.toString("hex"),
    );
}

function secretLines(form: string, secret: Buffer): string[] {
    const lines = form.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
    const offset = Buffer.from(lines.join(""), "base64").indexOf(secret);
    if (offset < 0) throw new Error("this is no key as the tls provider writes them");
    let end = 0;
    return lines.filter((line) => {
        const start = end;
        end += (line.length * 3) / 4;
        return start < offset + secret.length && end > offset;
    });
}

/** A text as it stands, and as it shows within whatever is in base64, at each of the three places it may begin. */
export function traces(text: string): string[] {
    const bytes = Buffer.from(text);
    const encoded = [0, 1, 2].map((skipped) => {
        const rest = bytes.subarray(skipped);
        return rest.subarray(0, rest.length - (rest.length % 3)).toString("base64");
    });
    return [text, ...encoded];
}
