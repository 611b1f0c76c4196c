import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { objectCacheFiles } from "../../../../src/wordpress/config.ts";
import { writeTo } from "../../../support/databases.ts";
import { onHost } from "../../../support/flagship.ts";
import { sharedCloud } from "../../../support/shared.ts";

const cloud = sharedCloud();
const run = (command: string) => onHost(cloud, "probe-0", command);
const FOLDER = "/root/object-cache";
const ADDRESSES = "127.0.0.1:21211,127.0.0.1:21212";

afterAll(() =>
    run(
        `systemctl stop object-cache-1 object-cache-2; rm -rf ${FOLDER}; apt-get -q -y purge memcached php-memcached`,
    ),
);

test("WordPress' object cache keeps what it is given, and what changed while a server hung is old nowhere", async () => {
    await run(
        "DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends memcached php-cli php-memcached && systemctl disable -q --now memcached",
    );
    await run(`mkdir -p ${FOLDER}`);
    for (const [path, text] of Object.entries(objectCacheFiles(undefined)))
        await writeTo(cloud, "probe-0", `${FOLDER}/${path.split("/").at(-1)}`, text);
    const requests = readFileSync(new URL("../../../support/objectCache.php", import.meta.url), "utf8");
    await writeTo(cloud, "probe-0", `${FOLDER}/requests.php`, requests);
    for (const i of [1, 2])
        await run(`systemd-run -q --unit object-cache-${i} memcached -u nobody -l 127.0.0.1 -p 2121${i}`);
    const pid = await run("systemctl show -P MainPID object-cache-1");
    const told = JSON.parse(
        await run(`php ${FOLDER}/requests.php ${FOLDER} ${ADDRESSES} ${pid} 2>/dev/null`),
    );
    expect(told).toEqual({
        kept: { '"first"': 50 },
        "false is a value": [false, true],
        "added once": [false, true],
        counted: [true, 5, 0],
        deleted: [true, false, false],
        "too large": false,
        "an object of its own": 1,
        flushed: { false: 50 },
        "ms while one hangs": expect.any(Number),
        "in use while one hangs": 1,
        "known while one hangs": told["known when it goes on"],
        "known when it goes on": { '"new"': expect.any(Number), false: expect.any(Number) },
        "in use again": 2,
        "known then": told["known when it goes on"],
        "kept again": { '"last"': 50 },
        "written by others": 50,
        "known then of the former": { false: 50 },
    });
    expect(told["ms while one hangs"]).toBeLessThan(2000);
}, 120_000);
