import { afterAll, beforeAll, expect, test } from "vitest";
import { renderInput } from "../../../../src/hosts/applyRole.ts";
import { placePrograms, program } from "../../../../src/hosts/programs.ts";
import { file, packages, retireText, roleText } from "../../../../src/hosts/roleText.ts";
import { phpPackages, sitePrograms, webSteps } from "../../../../src/web/role.ts";
import { within } from "../../../../tools/waiting.ts";
import { onHost } from "../../../support/flagship.ts";
import { sharedCloud } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const cloud = sharedCloud();
const run = (text: string, input?: string) => onHost(cloud, "probe-0", text, input);

const PAGE = "<?php usleep((int) ($_GET['us'] ?? 0)); echo 'sum ', 40 + 2;";

/** A web host with PHP, as a pool's role has it. */
beforeAll(async () => {
    const privateAddress = await run(
        "ip -4 -oneline address show dev eth1 | awk '{ print $4 }' | cut -d / -f 1",
    );
    const steps = webSteps("probe-0", {
        pool: "web",
        documentRoot: "/var/www/html",
        port: 80,
        healthPath: "/healthz",
        maxUpload: 64,
        trustedProxies: ["10.0.0.0/8"],
        php: {
            user: "www-data",
            extensions: [],
            writable: [],
            written: [],
            workers: 4,
            memoryLimit: 128,
            settings: {},
        },
    });
    const programs = sitePrograms.map(program);
    const blobs = Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64]));
    await run(placePrograms("probe-0", programs), renderInput({ blobs }));
    const page = file({ path: "/var/www/html/index.php", text: PAGE });
    const text = roleText("web-web", "probe-0", [packages(["nginx-light", ...phpPackages]), page, ...steps]);
    await run(text, renderInput({ hosts: [{ name: "probe-0", privateAddress }] }));
});

afterAll(() => run(retireText("web-web", "probe-0")));

const page = () => run("curl -fsS -m 5 http://probe-0/index.php").catch((error) => String(error));
const serves = () => within(30, "the page", async () => (await page()) === "sum 42");

test("a PHP worker that is killed takes no other with it", async () => {
    await serves();
    expect(await run("systemctl show -P OOMPolicy php8.2-fpm")).toBe("continue");
    const former = await run("systemctl show -P MainPID php8.2-fpm");
    await run(
        "curl -s -m 5 http://probe-0/index.php?us=2000000 >/dev/null & sleep 0.5; pkill --signal=KILL --full '[p]hp-fpm: pool'",
    );
    expect(await page()).toBe("sum 42");
    expect(await run("systemctl show -P MainPID php8.2-fpm")).toBe(former);
});

test.each(["nginx", "php8.2-fpm"])("%s is back however often it dies", async (unit) => {
    for (let death = 0; death < 7; death++) {
        await within(
            10,
            `${unit} to run`,
            async () => (await run(`systemctl show -P MainPID ${unit}`)) !== "0",
        );
        await run(`kill -KILL $(systemctl show -P MainPID ${unit})`);
    }
    await serves();
});

test("a web host with PHP boots with a late address and with another program on its port: its pages are back", async () => {
    const end = await troubledBoot(cloud, "probe-0", ["tcp/80"]);
    await end();
    // What programs of ours count on is there before any role runs again.
    expect(await run("stat -c '%a %U' /run/evenkeel")).toBe("700 root");
    await serves();
    expect(await failedUnits(cloud, "probe-0")).toBe("");
});

test("whoever looks at a host while all its processes are stopped and end, as at a shutdown, does not hold it up", async () => {
    const looking = run("sleep 987").catch((error) => error);
    const processes = "pgrep -f 'sleep 98[7]'";
    await within(10, "the look", async () => (await run(`${processes} || true`)) !== "");
    await run(`ended=$(${processes}); kill -STOP $ended; kill -KILL $ended`);
    expect(`${await looking}`).toMatch(/exit code 137|SIGKILL/);
}, 30_000);
