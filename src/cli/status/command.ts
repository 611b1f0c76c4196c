import { Command, InvalidArgumentError } from "commander";
import { plainStackState, type StackPlace, withStackPlace } from "../stack.ts";
import { Unable } from "../unable.ts";
import { type Asked, askAll } from "./ask.ts";
import { deployedHosts } from "./deployed.ts";
import { problemsOf, remarksOf } from "./problems.ts";
import { told } from "./tables.ts";

interface Options extends StackPlace {
    json?: boolean;
    timeout: number;
}

/** Every host of a deployed stack: `pulumi up` never looks at them, so this is where a stopped daemon shows. */
export function statusCommand(): Command {
    return withStackPlace(new Command("status"))
        .description(
            "Look at every host of a stack: roles, units, files, room, certificates, what they report.",
        )
        .option("--json", "for programs")
        .option("--timeout <seconds>", "for each host; all are asked at once", seconds, 45)
        .addHelpText(
            "after",
            "\nExit codes: 0 all is well, 1 an error, 2 a host is not well or does not answer.",
        )
        .action(async ({ json = false, timeout, ...place }: Options) => {
            process.exitCode = await status(place, timeout, json);
        });
}

async function status(place: StackPlace, timeout: number, json: boolean): Promise<number> {
    const hosts = deployedHosts(await plainStackState(place));
    if (hosts.length === 0) throw new Unable("The stack has no hosts: was it deployed?");
    const all = await askAll(hosts, timeout);
    const well = all.every((asked) => problemsOf(asked).length === 0);
    console.log(json ? JSON.stringify({ well, hosts: all.map(asJson) }, null, 2) : told(all));
    return well ? 0 : 2;
}

/** Of the connection the address alone. */
function asJson(asked: Asked) {
    const { name, connection } = asked.host;
    return {
        name,
        address: connection.host,
        answers: "status" in asked,
        problems: problemsOf(asked),
        remarks: remarksOf(asked),
        ...("status" in asked ? asked.status : {}),
    };
}

function seconds(text: string): number {
    const number = Number(text);
    if (!(number > 0)) throw new InvalidArgumentError("give a number of seconds");
    return number;
}
