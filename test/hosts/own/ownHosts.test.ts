import { describe, expect, test } from "vitest";
import { power, pullPlug } from "../../faults/hosts.ts";
import { apiOf, onHost, succeeded } from "../../support/flagship.ts";
import { carriers, NAMES, settingsOf, VIRTUAL, watchedFromGamma } from "../../support/ownHosts.ts";
import { sharedOwnHosts } from "../../support/shared.ts";

const { cloud, stack, before } = await sharedOwnHosts();

const fromGamma = (flags = "") => onHost(cloud, "gamma", `curl -s -m 3 ${flags} http://${VIRTUAL}/`);

describe("with an address of their own network", () => {
    test("the page is served at it, by all three, and a second up has nothing to do", async () => {
        expect(await stack.outputs()).toEqual({ url: `http://${VIRTUAL}/` });
        expect(await carriers(cloud)).toHaveLength(1);
        expect(await fromGamma()).toContain("Hello from my own hosts");
        const answers = await onHost(
            cloud,
            "gamma",
            `for i in $(seq 30); do curl -s -m 3 -D - -o /dev/null http://${VIRTUAL}/; done | tr -d '\\r' | sed -n 's/^x-served-by: //p' | sort | uniq -c`,
        );
        expect(answers.split("\n").map((line) => line.trim())).toEqual(["10 alpha", "10 beta", "10 gamma"]);
        succeeded(await stack.up("--expect-no-changes"));
    });

    test("SSH and firewall of the hosts are as they were", async () => {
        expect(await Promise.all(NAMES.map((name) => settingsOf(cloud, name)))).toEqual(before);
    });

    test("the address moves when its host dies, and when its keepalived stops", async () => {
        const [first = ""] = await carriers(cloud);
        const stop = await watchedFromGamma(cloud);
        await pullPlug({ cloud }, first);
        await expect
            .poll(
                () =>
                    fromGamma("-f").then(
                        () => true,
                        () => false,
                    ),
                { timeout: 15_000 },
            )
            .toBe(true);
        const [second = ""] = await carriers(
            cloud,
            NAMES.filter((name) => name !== first),
        );
        expect(second).not.toBe("");
        await power({ cloud, api: apiOf(cloud) }, first, "on");
        const ready = () => onHost(cloud, first, "systemctl is-active keepalived haproxy").catch(() => "off");
        await expect.poll(ready, { timeout: 60_000, interval: 500 }).toBe("active\nactive");
        const gap = await stop();

        const stopAgain = await watchedFromGamma(cloud);
        await expect
            .poll(
                () =>
                    onHost(
                        cloud,
                        first,
                        "journalctl -b -u keepalived | grep -c 'Entering BACKUP STATE' || true",
                    ),
                { timeout: 20_000 },
            )
            .not.toBe("0");
        await onHost(cloud, second, "systemctl stop keepalived");
        await expect.poll(() => carriers(cloud), { timeout: 10_000 }).toEqual([first]);
        await onHost(cloud, second, "systemctl start keepalived");
        const gapAgain = await stopAgain();
        console.log(
            `without an answer: ${gap} ms when the host died, ${gapAgain} ms when keepalived stopped`,
        );
        expect(gap).toBeLessThan(5000);
        expect(gapAgain).toBeLessThan(3000);
    });
});
