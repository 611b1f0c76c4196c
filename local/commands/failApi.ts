import { Command, InvalidArgumentError, Option } from "commander";
import type { Cloud } from "../clouds/clouds.ts";
import { Unable } from "../system/packages.ts";

/** Faults of the API, which it suffers by itself when told so. */
export function failApiCommand(cloudOf: (command: Command) => Cloud): Command {
    const api = new Command("api")
        .description("make the API slow, failing or busy")
        .addOption(
            new Option("--provider <provider>", "whose API")
                .choices(Object.keys(endpoints))
                .default("digitalocean"),
        );
    const endpointOf = (command: Command): Endpoint =>
        endpoints[command.optsWithGlobals<{ provider: string }>().provider]!(cloudOf(command));
    api.command("slow")
        .argument("<milliseconds>", "before every answer", wholeNumber)
        .description("delay every answer")
        .action((latencyMs, _options, command) => ask(endpointOf(command), "POST", { latencyMs }));
    api.command("slow-actions")
        .argument("<milliseconds>", "for each action", wholeNumber)
        .description("have every action take so long: moves of addresses, power, snapshots")
        .action((actionMs, _options, command) => ask(endpointOf(command), "POST", { actionMs }));
    api.command("error")
        .argument("<status>", "such as 503", wholeNumber)
        .description("refuse every request with this status")
        .action((status, _options, command) => ask(endpointOf(command), "POST", { error: { status } }));
    api.command("pending")
        .argument("<seconds>", "how long", wholeNumber)
        .description("keep every droplet busy with a pending event, which refuses other events")
        .action((pendingEvents, _options, command) => ask(endpointOf(command), "POST", { pendingEvents }));
    api.command("heal")
        .description("undo all faults of the API")
        .action((_options, command) => ask(endpointOf(command), "DELETE"));
    return api;
}

interface Endpoint {
    url: string;
    token: string;
}

const endpoints: Record<string, (cloud: Cloud) => Endpoint> = {
    digitalocean: ({ apiUrl, token }) => ({ url: apiUrl, token }),
    vultr: ({ vultrUrl, vultrKey }) => ({ url: vultrUrl, token: vultrKey }),
};

async function ask({ url, token }: Endpoint, method: "POST" | "DELETE", fault?: object): Promise<void> {
    const response = await fetch(`${url}/_local/faults`, {
        method,
        headers: {
            authorization: `Bearer ${token}`,
            ...(fault && { "content-type": "application/json" }),
        },
        ...(fault && { body: JSON.stringify(fault) }),
        signal: AbortSignal.timeout(10_000),
    }).catch(() => {
        throw new Unable(`The API does not answer at ${url}.`);
    });
    if (!response.ok) throw new Unable(`The API refused: ${response.status} ${await response.text()}`);
}

function wholeNumber(text: string): number {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
    return Number(text);
}
