import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testFailures } from "../../../faults/balancerFailures.ts";
import { changeTo, namesEngine } from "../../../faults/change.ts";
import { KEEPALIVED, PACEMAKER } from "../../../faults/engines.ts";
import { failuresOf } from "../../../faults/failures.ts";
import { handOver } from "../../../faults/handOver.ts";
import { settled } from "../../../faults/pair.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

/** One of each kind; the whole matrix is in faults/front/pacemaker. */
const SHORT = ["active balancer killed", "active balancer's gateway gone", "HAProxy killed"];

describe("a running pair changes to Pacemaker", () => {
    let put = () => {};
    beforeAll(() =>
        changeTo(site, PACEMAKER, () => {
            put = namesEngine(site, PACEMAKER);
        }),
    );
    // And back.
    afterAll(() => changeTo(site, KEEPALIVED, () => put()));

    testFailures(
        site,
        failuresOf(PACEMAKER).filter(({ name }) => SHORT.includes(name)),
    );

    test("a host that was away stays backup, and takes over again", async () => {
        const { active, standby } = await settled(site);
        await handOver(site, undefined, PACEMAKER);
        expect((await settled(site)).active).toBe(standby);
        await handOver(site, undefined, PACEMAKER);
        expect((await settled(site)).active).toBe(active);
    });

    test("the key of the cluster is root's, and in no log", async () => {
        for (const host of ["lb-0", "lb-1"]) {
            expect(await site.on(host, "stat -c '%a %U %s' /etc/corosync/authkey")).toBe("400 root 128");
            expect(
                await site.on(host, 'journalctl -q -o cat | grep -cF "$(cat /etc/corosync/authkey)" || true'),
            ).toBe("0");
        }
    });

    test("what the engine's daemons take of a host's memory", async () => {
        // Each process's share of what it has with others, too.
        const used = await site.on(
            "lb-0",
            `for name in corosync pacemaker; do echo $name $(for pid in $(pgrep "^$name"); do sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/$pid/smaps_rollup; done | awk '{ sum += $1 } END { print int(sum / 1024) }') MB; done`,
        );
        console.log(used);
        for (const [, megabytes] of used.matchAll(/(\d+) MB/g)) expect(Number(megabytes)).toBeLessThan(200);
    });
});
