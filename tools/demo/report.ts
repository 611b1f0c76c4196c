/** The outline of the demo; everything below a heading is measured, or said by the program that is run. */
export function heading(text: string): void {
    console.log(`\n── ${text}`);
}

export function closing(url: string, cloud: string): void {
    heading("Yours to look around");
    const ways = [
        [url, "the page"],
        [`${url}visits.php`, "a page with rows of the database"],
        ["npm run local -- status", "hosts and addresses"],
        ["npm run local -- ssh web-0", "a shell on a host"],
        ["npm run pulumi -- stack", "what is deployed"],
        ["npm run pulumi -- config set greeting Hi", "a change; then: npm run pulumi -- up"],
        ["npm run demo -- --down", "takes everything down"],
    ];
    if (cloud !== "local") ways.unshift([`export EVENKEEL_CLOUD=${cloud}`, "first, for what follows"]);
    for (const [way, what] of ways) console.log(`  ${way?.padEnd(42)}${what}`);
}
