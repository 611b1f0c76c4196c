import { Command } from "commander";
import { checkName, defaultCloud } from "../../local/clouds/clouds.ts";
import { checkSystem } from "../../local/system/packages.ts";
import { type CloudApi, cloudApi } from "../cloudApi.ts";
import { ensureEngine } from "../engine/engine.ts";
import { deployed } from "./deploy.ts";
import { failOver, pullPlug } from "./failover.ts";
import { localCloudUp, takeDown } from "./localCloudUp.ts";
import { previewGreeting } from "./preview.ts";
import { untilBalancersWell, untilMembersWell } from "./ready.ts";
import { closing, heading } from "./report.ts";
import { fetchSplit } from "./split.ts";
import { Interrupted } from "./up.ts";

const VISITS = "visits.php";

const { down, name } = new Command("npm run demo --")
    .description(
        "Deploys the flagship to a local cloud, kills its active balancer and its database's writer, and shows what a change will do.",
    )
    .option("--down", "take down everything that the demo made")
    .option(
        "--name <name>",
        "the local cloud to use, made when it is not there (EVENKEEL_CLOUD names another default)",
        defaultCloud(),
    )
    .parse()
    .opts<{ down?: boolean; name: string }>();

try {
    process.env.EVENKEEL_CLOUD = checkName(name);
    await (down ? takeDown() : demo());
} catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = error instanceof Interrupted ? 130 : 1;
}

async function demo(): Promise<void> {
    // Not after minutes of building an engine.
    checkSystem();
    heading("An engine");
    const engine = await ensureEngine();

    heading("A local cloud: the provider's API and real Debian hosts on this machine");
    const cloud = await localCloudUp();

    heading(
        "`pulumi up` of the flagship: two balancers, a pool of web hosts, a database cluster, one reserved IP",
    );
    const stack = await deployed(engine, cloud);

    heading(`1000 requests to ${stack.url}`);
    await fetchSplit(stack.url, 1000);

    heading("The plug of the active balancer is pulled while the page is being fetched");
    await untilBalancersWell(cloud);
    await failOver(cloudApi(cloud), stack);

    heading(`The plug of the database's writer is pulled while ${VISITS} writes and reads rows`);
    await untilMembersWell(cloud);
    await writerFails(cloudApi(cloud), stack.url);

    heading("What a change of one line will do to each host, before it is done");
    await previewGreeting(stack, cloud);

    closing(stack.url, cloud.name);
}

async function writerFails(api: CloudApi, url: string): Promise<void> {
    const writer = await api.named("db-0");
    if (!writer) throw new Error("There is no host db-0: is another program deployed?");
    await pullPlug(api, writer, ", which takes the writes", `${url}${VISITS}`, 100);
}
