import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { glusterdVolume, sharedConfig, VOLUME } from "../../../src/sync/shared/glusterfs.ts";
import { sharedSteps } from "../../../src/sync/shared/role.ts";
import type { SharedSettings } from "../../../src/sync/shared/settings.ts";
import { PYTHON } from "../../support/python.ts";

const THREE: SharedSettings = {
    name: "uploads",
    mode: "shared",
    path: "/srv/uploads",
    hosts: ["web-0", "web-1", "web-2"],
    arbiter: null,
    group: "www-data",
};
const WITH_ARBITER: SharedSettings = { ...THREE, hosts: ["web-0", "web-1"], arbiter: "lb-0" };

/** What Python says, as JSON. */
async function python(program: string, input: unknown): Promise<unknown> {
    const text = `
import json, sys
sys.path[:0] = ["src/sync/onhost", "src/member/onhost"]
given = json.load(sys.stdin)
${program}`;
    return JSON.parse((await execa(PYTHON, ["-B", "-c", text], { input: JSON.stringify(input) })).stdout);
}

describe("texts", () => {
    test("glusterd listens on the private address, bricks on ports that the kernel gives to nobody", () => {
        const text = glusterdVolume("web-0");
        expect(text).toContain("option transport.socket.bind-address {{address web-0}}\n");
        expect(text).toMatch(/base-port 24100\n.*max-port 24199\n/);
    });

    test("the other hosts get in, and nobody else", () => {
        const steps = sharedSteps(WITH_ARBITER, "web-1").join("\n");
        expect(steps).toContain("ip saddr web-0 tcp dport { 24007, 24100-24199 } accept\n");
        expect(steps).toContain("ip saddr lb-0 tcp dport { 24007, 24100-24199 } accept\n");
        expect(steps).not.toContain("ip saddr web-1");
    });

    test("an arbiter has no folder, a host has one pool", () => {
        const arbiter = sharedSteps(WITH_ARBITER, "lb-0").join("\n");
        expect(arbiter).not.toContain("mount.service");
        expect(arbiter).toContain("claims GlusterFS 'tcp lb-0:24007'\n");
        expect(sharedSteps(THREE, "web-0").join("\n")).toContain(
            "claims GlusterFS 'tcp web-0:24007' 'the folder /srv/uploads'",
        );
    });

    test("what the programs go by", () => {
        const config = JSON.parse(sharedConfig(WITH_ARBITER, "lb-0"));
        expect(config).toMatchObject({ host: "lb-0", hosts: ["web-0", "web-1"], arbiter: "lb-0" });
        expect(config.options).toMatchObject({ "client.ssl": "on", "server.ssl": "on" });
    });
});

const BRICK = "/var/lib/evenkeel/sync/uploads/brick";
const NAMES = "/var/lib/evenkeel/sync/uploads/names";

interface View {
    /** Of the other hosts in the pool, whether they are connected. */
    pool?: Record<string, boolean>;
    /** `HOST` has a copy, `HOST!` names alone. */
    bricks?: string[];
    started?: boolean;
    options?: Record<string, string>;
    brick?: string;
    reachable?: string[];
}

/** What a host does, as lines; in the usual case all is settled. */
async function decided(settings: SharedSettings, host: string, view: View): Promise<string[]> {
    const hosts = [...settings.hosts, ...(settings.arbiter ? [settings.arbiter] : [])];
    const others = Object.fromEntries(hosts.filter((each) => each !== host).map((each) => [each, true]));
    const pool = { ...others, ...view.pool };
    const bricks = view.bricks?.map((each) => [each.replace("!", ""), each.endsWith("!")] as const);
    const named = new Set([...hosts, ...Object.keys(pool), ...(bricks?.map(([name]) => name) ?? [])]);
    const options = { ...VOLUME, "auth.ssl-allow": [...named].sort().join(","), ...view.options };
    const input = { config: JSON.parse(sharedConfig(settings, host)), pool, bricks, options, ...pick(view) };
    const program = `
from sync_gluster import Brick, Volume
from sync_volume import Look, decide
bricks = given.get("bricks")
volume = bricks and Volume("id", given["started"], [Brick(host, "${NAMES}" if names else "${BRICK}", names) for host, names in bricks], given["options"])
step = decide(given["config"], Look(given["pool"], volume, given["brick"], frozenset(given["reachable"])))
print(json.dumps([" ".join(command) for command in step.commands] if step else []))`;
    return (await python(program, input)) as string[];
}
const pick = ({ started = true, brick = "runs", reachable = [] }: View) => ({ started, brick, reachable });

const ALL = ["web-0", "web-1", "web-2"];
const ARBITRATED = ["web-0", "web-1", "lb-0!"];

describe("the volume comes into being", () => {
    test("when all are there, by the first host", async () => {
        const [create] = await decided(THREE, "web-0", {});
        expect(create).toBe(
            `volume create uploads replica 3 transport tcp web-0:${BRICK} web-1:${BRICK} web-2:${BRICK} force`,
        );
        expect(await decided(THREE, "web-1", {})).toEqual([]);
        expect(await decided(THREE, "web-0", { pool: { "web-2": false } })).toEqual([]);
    });

    test("with an arbiter", async () => {
        expect(await decided(WITH_ARBITER, "web-0", {})).toEqual([
            `volume create uploads replica 3 arbiter 1 transport tcp web-0:${BRICK} web-1:${BRICK} lb-0:${NAMES} force`,
        ]);
    });

    test("its settings come before it starts: nothing goes unencrypted", async () => {
        const view = { bricks: ALL, started: false };
        expect(await decided(THREE, "web-0", { ...view, options: { "server.ssl": "off" } })).toEqual([
            "volume set uploads server.ssl on",
        ]);
        expect(await decided(THREE, "web-0", view)).toEqual(["volume start uploads"]);
    });
});

describe("each host's own brick", () => {
    test.each([
        ["it runs", { brick: "runs" }, []],
        ["it was killed", { brick: "down" }, ["restart"]],
        [
            "it was killed, and nobody else is there",
            { brick: "down", pool: { "web-0": false, "web-2": false } },
            [],
        ],
        ["the host was made anew", { brick: "new" }, ["adopt"]],
        ["it is not started yet", { brick: "new", started: false }, []],
        [
            "it was made anew, and nobody who has files is there",
            { brick: "new", pool: { "web-0": false, "web-2": false } },
            [],
        ],
    ])("%s", async (_, view, expected) => {
        expect(await decided(THREE, "web-1", { bricks: ALL, ...view })).toEqual(expected);
    });

    test("names alone are nothing to begin from", async () => {
        const view = { bricks: ARBITRATED, brick: "new", pool: { "web-1": false } };
        expect(await decided(WITH_ARBITER, "web-0", view)).toEqual([]);
    });
});

describe("who decides", () => {
    const differing = { bricks: ALL, options: { "network.ping-timeout": "42" } };
    test("the first that is connected and has a brick", async () => {
        expect(await decided(THREE, "web-0", differing)).toHaveLength(1);
        expect(await decided(THREE, "web-1", differing)).toEqual([]);
        expect(await decided(THREE, "web-1", { ...differing, pool: { "web-0": false } })).toHaveLength(1);
    });

    test("no minority", async () => {
        const alone = { ...differing, pool: { "web-1": false, "web-2": false } };
        expect(await decided(THREE, "web-0", alone)).toEqual([]);
    });

    test("a host that others have let go does not take itself in again", async () => {
        // web-0 has the former settings, with itself as the first host.
        expect(
            await decided(THREE, "web-0", { bricks: ["web-1", "web-2", "web-3"], pool: { "web-3": true } }),
        ).toEqual([]);
    });
});

describe("hosts come and go", () => {
    const four: SharedSettings = { ...THREE, hosts: ["web-0", "web-1", "web-3"] };
    test.each([
        [
            "a new one answers",
            { bricks: ALL, reachable: ["web-3"], pool: { "web-2": true } },
            ["peer probe web-3"],
        ],
        ["it does not answer yet", { bricks: ALL, pool: { "web-2": true } }, []],
    ])("%s", async (_, view, expected) => {
        const program = decidedWithout(four, "web-0", view, "web-3");
        expect(await program).toEqual(expected);
    });

    test("the new one gets a copy before the former one goes, which keeps its own until then", async () => {
        const view = { bricks: ALL, pool: { "web-2": true, "web-3": true } };
        expect(await decided(four, "web-0", view)).toEqual([
            `volume add-brick uploads replica 4 web-3:${BRICK} force`,
        ]);
        const both = { ...view, bricks: [...ALL, "web-3"] };
        expect(await decided(four, "web-0", both)).toEqual([]);
        expect(await decided(four, "web-0", { ...both, pool: { ...view.pool, "web-2": false } })).toEqual([
            `volume remove-brick uploads replica 3 web-2:${BRICK} force`,
        ]);
        const left = { bricks: ["web-0", "web-1", "web-3"], pool: { "web-2": false, "web-3": true } };
        expect(await decided(four, "web-0", left)).toEqual(["peer detach web-2 force"]);
    });

    test("one that is gone for good is taken out first", async () => {
        const view = { bricks: ALL, pool: { "web-2": false, "web-3": true } };
        expect(await decided(four, "web-0", view)).toEqual([
            `volume remove-brick uploads replica 2 web-2:${BRICK} force`,
        ]);
    });

    test("with an arbiter one copy takes the place of another", async () => {
        const other: SharedSettings = { ...WITH_ARBITER, hosts: ["web-0", "web-2"] };
        const view = { bricks: ARBITRATED, pool: { "web-1": true, "web-2": true } };
        expect(await decided(other, "web-0", view)).toEqual([
            `volume replace-brick uploads web-1:${BRICK} web-2:${BRICK} commit force`,
        ]);
    });

    test("from an arbiter to a third copy, and back", async () => {
        const to = { bricks: ARBITRATED, pool: { "lb-0": true, "web-2": true } };
        expect(await decided(THREE, "web-0", to)).toEqual([
            `volume remove-brick uploads replica 2 lb-0:${NAMES} force`,
        ]);
        expect(await decided(THREE, "web-0", { ...to, bricks: ["web-0", "web-1"] })).toEqual([
            `volume add-brick uploads replica 3 web-2:${BRICK} force`,
        ]);
        const back = { bricks: ALL, pool: { "web-2": true, "lb-0": true } };
        expect(await decided(WITH_ARBITER, "web-0", back)).toEqual([]);
        expect(await decided(WITH_ARBITER, "web-0", { ...back, bricks: ["web-0", "web-1"] })).toEqual([
            `volume add-brick uploads replica 3 arbiter 1 lb-0:${NAMES} force`,
        ]);
    });
});

/** As `decided`, with one of the settings' hosts not in the pool yet. */
async function decidedWithout(settings: SharedSettings, host: string, view: View, missing: string) {
    const known = { ...settings, hosts: settings.hosts.filter((each) => each !== missing) };
    const names = [...new Set([...settings.hosts, ...(view.bricks ?? [])])].sort().join(",");
    const others = Object.fromEntries(
        known.hosts.filter((each) => each !== host).map((each) => [each, true]),
    );
    const input = {
        config: JSON.parse(sharedConfig(settings, host)),
        pool: { ...others, ...view.pool },
        bricks: view.bricks,
        options: { ...VOLUME, "auth.ssl-allow": names },
        reachable: view.reachable ?? [],
    };
    const program = `
from sync_gluster import Brick, Volume
from sync_volume import Look, decide
volume = Volume("id", True, [Brick(host, "${BRICK}") for host in given["bricks"]], given["options"])
step = decide(given["config"], Look(given["pool"], volume, "runs", frozenset(given["reachable"])))
print(json.dumps([" ".join(command) for command in step.commands] if step else []))`;
    return python(program, input);
}

describe("what gluster says", () => {
    const POOL = `<cliOutput><opRet>0</opRet><peerStatus>
<peer><uuid>1</uuid><hostname>web-1</hostname><hostnames><hostname>web-1</hostname></hostnames><connected>1</connected><state>3</state></peer>
<peer><uuid>2</uuid><hostname>web-2</hostname><hostnames><hostname>web-2</hostname></hostnames><connected>0</connected><state>3</state></peer>
<peer><uuid>0</uuid><hostname>localhost</hostname><connected>1</connected></peer></peerStatus></cliOutput>`;
    const INFO = `<cliOutput><opRet>0</opRet><volInfo><volumes><volume><name>uploads</name><id>ee9c</id><statusStr>Started</statusStr><bricks>
<brick uuid="0">web-0:/b<name>web-0:/b</name><hostUuid>0</hostUuid><isArbiter>0</isArbiter></brick>
<brick uuid="1">lb-0:/n<name>lb-0:/n</name><hostUuid>1</hostUuid><isArbiter>1</isArbiter></brick></bricks>
<options><option><name>client.ssl</name><value>on</value></option></options></volume><count>1</count></volumes></volInfo></cliOutput>`;
    const NONE = `<cliOutput><opRet>-1</opRet><opErrstr>Volume does not exist</opErrstr><volInfo><volumes><count>0</count></volumes></volInfo></cliOutput>`;
    const COUNT = `Gathering count of entries to be healed on volume uploads has been successful

Brick web-0:/b
Number of entries: 12

Brick web-1:/b
Number of entries: 11

Brick web-2:/b
No gathered input for this brick
`;

    test("pool, volume and counts", async () => {
        const program = `
import dataclasses, sync_gluster
volume = sync_gluster.parse_volume(given["info"])
print(json.dumps([sync_gluster.parse_pool(given["pool"]), dataclasses.asdict(volume), sync_gluster.parse_volume(given["none"]), dataclasses.asdict(sync_gluster.parse_heal(given["count"]))]))`;
        expect(await python(program, { pool: POOL, info: INFO, none: NONE, count: COUNT })).toEqual([
            { "web-1": true, "web-2": false },
            {
                id: "ee9c",
                started: true,
                bricks: [
                    { host: "web-0", path: "/b", arbiter: false },
                    { host: "lb-0", path: "/n", arbiter: true },
                ],
                options: { "client.ssl": "on" },
            },
            null,
            { connected: { "web-0": true, "web-1": true, "web-2": false }, waiting: 12 },
        ]);
    });

    test.each([
        [[true, true, true], 0, 0, "3 of 3 bricks", true],
        [[true, true, false], 12, 0, "2 of 3 bricks, 12 entries wait to be healed", false],
        [[true, true, true], 1, 0, "3 of 3 bricks, 1 entry waits to be healed", false],
        [[true, true, true], 2, 2, "3 of 3 bricks, 2 in split brain: see gluster volume heal", false],
        [[], 0, 0, "0 of 0 bricks", false],
    ])("%j with %i waiting, %i of them undecided: %s", async (up, waiting, split, line, well) => {
        const program = `
from sync_gluster import Heal
from sync_whole import words
print(json.dumps(words(Heal(dict(enumerate(given["up"])), given["waiting"]), given["split"])))`;
        expect(await python(program, { up, waiting, split })).toEqual([line, well]);
    });

    test("ids of hosts are the same for everybody, and of each sync its own", async () => {
        const program = `
from sync_pool import host_id
print(json.dumps([host_id("uploads", "web-0"), host_id("uploads", "web-1"), host_id("media", "web-0")]))`;
        const ids = (await python(program, {})) as string[];
        expect(new Set(ids).size).toBe(3);
        expect(await python(program, {})).toEqual(ids);
    });
});
