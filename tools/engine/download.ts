import { failureOf } from "./bounded.ts";
import { pulumiHome } from "./home.ts";
import { refusedToday, rememberRefusal } from "./refusals.ts";
import { PULUMI_VERSION } from "./versions.ts";

/** Has the npm package `pulumi` put the CLI into PULUMI_HOME; false where its downloads are out of reach. */
export async function downloadPulumi(): Promise<boolean> {
    const what = `pulumi ${PULUMI_VERSION}`;
    if (refusedToday(what)) return false;
    const reason = await failureOf({
        what,
        command: "npm",
        args: ["exec", "--yes", `--package=pulumi@${PULUMI_VERSION}`, "--", "pulumi", "version"],
        env: { PULUMI_HOME: pulumiHome, PULUMI_VERSION, PULUMI_SKIP_UPDATE_CHECK: "true" },
        // Where downloads are blocked rather than refused, the downloader would wait for ever.
        patienceMs: 60_000,
    });
    if (reason) rememberRefusal(what, reason);
    return reason === undefined;
}
