import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { killContainer } from "../../../../local/machines/container.ts";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { apiOf, onHost, succeeded } from "../../../support/flagship.ts";
import { carriers, NAMES, VIRTUAL } from "../../../support/ownHosts.ts";
import { sharedOwnHosts } from "../../../support/shared.ts";

const { cloud, stack, droplets } = await sharedOwnHosts();
const GONE = "alpha";
const LEFT = NAMES.filter((name) => name !== GONE);
const { id } = droplets.find(({ name }) => name === GONE)!;
const all = await stack.pulumi("config", "get", "hosts");
const configure = async (hosts: unknown) =>
    succeeded(await stack.pulumi("config", "set", "--", "hosts", JSON.stringify(hosts)));

afterAll(async () => {
    // Back on the network only with everything taken off, as the page says.
    await power({ cloud, api: apiOf(cloud) }, GONE, "on");
    await within(60, `${GONE} to be back`, () =>
        succeeds(onHost(cloud, GONE, "systemctl is-system-running || true")),
    );
    await onHost(cloud, GONE, `/usr/local/lib/evenkeel/retire --all ${GONE}`);
    expect(await onHost(cloud, GONE, "ls /usr/local/lib /var/lib /etc")).not.toContain("evenkeel");
    await configure(JSON.parse(succeeded(all)));
    succeeded(await stack.up());
});

/** A bound that a busy machine keeps: five attempts at a host that does not answer, and what the others have to do. */
const BOUND_MS = 240_000;

test("the first host is gone for good: the others go on, and an up that cannot tell it so says what of", async () => {
    await killContainer(cloud.name, id);
    const hosts = (JSON.parse(succeeded(all)) as { name: string }[]).filter(({ name }) => name !== GONE);
    await configure(hosts);
    const began = Date.now();
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(Date.now() - began).toBeLessThan(BOUND_MS);
    expect(output).toMatch(/command:remote:Command \((web|lb)-alpha-\w+\)/);
    // The address is with one of the two that are balancers now, and leads to both.
    await within(30, "one carrier", async () => (await carriers(cloud, LEFT)).length === 1);
    const served = `for i in 1 2 3 4; do curl -s -m 3 -D - -o /dev/null http://${VIRTUAL}/; done | tr -d '\\r' | sed -n 's/^x-served-by: //p' | sort -u`;
    expect((await onHost(cloud, "gamma", served)).split("\n")).toEqual(LEFT);
});

test("forgotten, as the page says, it holds up nobody; and what it was not told is listed", async () => {
    const page = readFileSync(new URL("../../../../docs/gone-for-good.md", import.meta.url), "utf8");
    expect(page).toContain("npx evenkeel forget beta");
    const forgotten = succeeded(await stack.execute("npx", "evenkeel", "forget", GONE, "--stack", "test"));
    for (const role of ["web-web", "lb-balancer"]) expect(forgotten).toContain(role);
    const began = Date.now();
    succeeded(await stack.up());
    expect(Date.now() - began).toBeLessThan(BOUND_MS);
    succeeded(await stack.up("--expect-no-changes"));
    const { output } = await stack.pulumi("stack", "export");
    expect(output).not.toContain(`retire web-web ${GONE}`);
});
