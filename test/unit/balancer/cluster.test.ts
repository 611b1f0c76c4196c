import { mkdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { standIns } from "../../support/standIns.ts";

const HOST = "lb-0";

/** A host of a pair, and what stands in for Pacemaker's tools: sections of what it knows are files, and so are attributes. */
async function host({ hosts = [HOST, "lb-1"], members = HOST } = {}) {
    const { folder, env, standIn } = await standIns();
    const at = (...names: string[]) => join(folder, ...names);
    for (const name of ["lb", "net", "known", "told"]) await mkdir(at(name));
    const calls = at("calls");
    await writeFile(calls, "");
    await writeFile(at("lb", "cib.xml"), "wanted\n");
    await writeFile(
        at("lb", "cluster.conf"),
        `HOSTS=(${hosts.join(" ")})
RESOURCE=lb-address
POINTS=lb-points
LEFT=lb-left-vrrp
MARK=169.254.51.100
FOLDER=${folder}
VRRP_LINK=vr51
RING_ADDRESS=10.0.0.1
RING_PORT=5405
PROBE='test -e ${at("answers")}'
`,
    );
    await standIn(
        "cibadmin",
        `while [ $# -gt 0 ]; do case $1 in
            --query | --replace | --modify) what=$1 ;;
            --scope) scope=$2 ;;
            --xpath) scope=crm_config ;;
        esac; shift; done
        known=${at("known")}/$scope
        case $what in
            --query) [ -z "$scope" ] || if [ -n "$CIB_file" ]; then echo "wanted $scope"; else cat $known; fi ;;
            *) [ ! -e ${at("refuses")} ] || exit 1; echo "told: $scope" >>${calls}; cat >$known ;;
        esac`,
    );
    await standIn(
        "crm_node",
        `case $1 in --partition) echo "${members} " ;; --name) echo ${HOST} ;; *) echo "crm_node $*" >>${calls} ;; esac`,
    );
    await standIn("crm_attribute", `echo "crm_attribute $*" >>${calls}`);
    await standIn("crm_resource", `echo "crm_resource $*" >>${calls}`);
    // A file NAME.HOST for each value.
    await standIn(
        "attrd_updater",
        `case "$*" in
            *--query*) for file in ${at("told")}/\${!#}.*; do [ -e $file ] && echo "name=\\"\${!#}\\" host=\\"\${file##*.}\\" value=\\"$(cat $file)\\""; done ;;
            *) [ ! -e ${at("down")} ] || exit 1; echo "$4" >${at("told")}/$2.${HOST} ;;
        esac`,
    );
    await standIn("systemctl", `[ -e ${at("vrrp")} ]`);
    await standIn(
        "ip",
        `case "$*" in
            *"show to 10.0.0.1") [ ! -e ${at("has-address")} ] || echo "3: eth1    inet 10.0.0.1/20" ;;
            *show*) [ ! -e ${at("marked")} ] || echo "1: lo    inet 169.254.51.100/32 scope global lo" ;;
            *) echo "ip $*" >>${calls}; rm -f ${at("net", "vr51")} ;;
        esac`,
    );
    await standIn("install", `echo "install \${!#}" >>${calls}`);
    await standIn("ss", `[ "$2" = "sport = :5405" ] && [ -e ${at("busy")} ] && echo UNCONN`);
    await standIn("pgrep", `[ -e ${at("alive")} ]`);
    return {
        run: (mode: string) =>
            execa("bash", ["src/balancer/onhost/cluster", mode, "lb"], {
                env: { ...env, PAIRS: folder, CIB: at("cib"), NET: at("net"), OCF: at("ocf"), GRACE: "0" },
                reject: false,
            }),
        /** What it told, since it was asked last. */
        told: async () => {
            const lines = (await readFile(calls, "utf8")).trim().split("\n").filter(Boolean);
            await writeFile(calls, "");
            return lines;
        },
        set: (name: string, text = "") => writeFile(at(name), text),
        unset: (name: string) => rm(at(name), { force: true }),
        agent: () => readlink(at("ocf", "evenkeel", "reserved-ip")).catch(() => undefined),
        has: (name: string) =>
            readFile(at(name), "utf8")
                .then((text) => text.trim())
                .catch(() => undefined),
    };
}

describe("configure", () => {
    test("tells Pacemaker what differs, and nothing the second time", async () => {
        const { run, told, set } = await host();
        await set("known/nodes", '<nodes>\n  <node id="1" uname="lb-0"/>\n</nodes>\n');
        expect((await run("configure")).exitCode).toBe(0);
        expect(await told()).toEqual(["told: crm_config", "told: resources", "told: constraints"]);
        expect((await run("configure")).exitCode).toBe(0);
        expect(await told()).toEqual([]);
        await set("known/constraints", "of a host more\n");
        await run("configure");
        expect(await told()).toEqual(["told: constraints"]);
    });

    test("says what was refused", async () => {
        const { run, set } = await host();
        await set("known/crm_config", "wanted crm_config\n");
        await set("refuses");
        const { exitCode, stderr } = await run("configure");
        expect([exitCode, stderr]).toEqual([1, "cluster configure: resources were refused"]);
    });

    test("forgets hosts that are neither the pair's nor there", async () => {
        const { run, told, set } = await host({ members: `${HOST} leaving` });
        for (const name of ["crm_config", "resources", "constraints"])
            await set(`known/${name}`, `wanted ${name}\n`);
        const nodes = [HOST, "lb-1", "leaving", "gone"].map((name) => `  <node id="1" uname="${name}"/>\n`);
        await set("known/nodes", `<nodes>\n${nodes.join("")}</nodes>\n`);
        expect((await run("configure")).exitCode).toBe(0);
        expect(await told()).toEqual(["crm_node --force --remove gone"]);
    });
});

test("hosts that leave the pair are told before nobody hears them, and welcome should they be back", async () => {
    const leaving = await host({ hosts: [HOST] });
    const nodes = [HOST, "lb-1"].map((name) => `  <node id="1" uname="${name}"/>\n`);
    await leaving.set("known/nodes", `<nodes>\n${nodes.join("")}</nodes>\n`);
    expect((await leaving.run("part")).exitCode).toBe(0);
    expect(await leaving.told()).toEqual([
        "crm_attribute --node lb-1 --name standby --id left-lb-1 --update on",
        "crm_resource --wait --timeout 10s",
    ]);

    const back = await host({ members: `${HOST} lb-1` });
    for (const name of ["crm_config", "resources", "constraints"])
        await back.set(`known/${name}`, `wanted ${name}\n`);
    const standby = '<nvpair id="left-lb-1" name="standby" value="on"/>';
    await back.set("known/nodes", `<nodes>\n${nodes.join("")}${standby}\n</nodes>\n`);
    expect((await back.run("configure")).exitCode).toBe(0);
    expect(await back.told()).toEqual(["crm_attribute --node lb-1 --name standby --delete"]);
});

test("Corosync waits for its host's address, and for its port", async () => {
    const { run, set, unset } = await host();
    expect((await run("hears")).stderr).toBe(
        "cluster hears: this host does not have its address 10.0.0.1 yet",
    );
    await set("has-address");
    await set("busy");
    expect((await run("hears")).stderr).toBe("cluster hears: another program has UDP 5405");
    await unset("busy");
    expect(await run("hears")).toMatchObject({ exitCode: 0, stderr: "" });
});

describe("prepare", () => {
    test("takes away what a killed engine has left, and begins with what the pair is", async () => {
        const { run, told, set, agent } = await host();
        await set("marked");
        expect((await run("prepare")).exitCode).toBe(0);
        const [first, ...rest] = await told();
        expect(first).toBe("ip address delete 169.254.51.100/32 dev lo");
        expect(await agent()).toBe("src/balancer/onhost/reserved-ip");
        expect(rest.map((line) => line.split("/").at(-1))).toEqual(["pengine", "cib.xml"]);
    });

    test.each([
        ["its daemons live", "alive"],
        ["VRRP has it yet", "net/vr51"],
    ])("leaves the address where %s", async (_, file) => {
        const { run, told, set } = await host();
        await set("marked");
        await set(file);
        await run("prepare");
        expect((await told()).join()).not.toContain("ip address");
    });
});

test("before VRRP has the pair again, Pacemaker stops its resource everywhere, and its agent goes", async () => {
    const { run, told, unset, agent } = await host();
    await run("prepare");
    await told();
    await unset("lb/cluster.conf");
    expect((await run("let-go")).exitCode).toBe(0);
    expect(await told()).toEqual([
        "crm_resource --resource lb-address --query-xml",
        "crm_resource --resource lb-address --meta --set-parameter target-role --parameter-value Stopped",
        "crm_resource --wait --timeout 10s",
    ]);
    expect(await agent()).toBeUndefined();
});

test("a host is ready when it has told its points", async () => {
    const { run, set } = await host();
    await set("told/lb-points.lb-1", "0");
    const ready = run("ready");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await set("told/lb-points.lb-0", "0");
    expect((await ready).exitCode).toBe(0);
});

describe("while a pair changes over from VRRP", () => {
    const waits = 0;
    const goes = 1;

    test("a host that never had it waits for nothing", async () => {
        const { run } = await host();
        expect((await run("waits")).exitCode).toBe(goes);
    });

    test("the first one waits, takes VRRP's network down after it, and notes when", async () => {
        const { run, told, set, unset, has } = await host();
        for (const name of ["net/vr51", "vrrp", "answers"]) await set(name);
        expect((await run("waits")).exitCode).toBe(waits);
        expect(await told()).toEqual([]);
        await unset("vrrp");
        expect((await run("waits")).exitCode).toBe(waits);
        expect(await told()).toContain("ip link delete vr51");
        expect((await run("waits")).exitCode).toBe(waits);
        expect(await has("waits")).toMatch(/^\d+$/);
        expect(await has("told/lb-left-vrrp.lb-0")).toBe(await has("waits"));
    });

    test("it goes on when another one has told its points", async () => {
        const { run, set, has } = await host();
        await set("waits", "100\n");
        await set("answers");
        expect((await run("waits")).exitCode).toBe(waits);
        expect(await has("told/lb-left-vrrp.lb-0")).toBe("100");
        await set("told/lb-points.lb-1", "0");
        expect((await run("waits")).exitCode).toBe(goes);
        expect(await has("waits")).toBeUndefined();
    });

    test("it goes on when nobody answers at the address", async () => {
        const { run, set } = await host();
        await set("waits", "100\n");
        expect((await run("waits")).exitCode).toBe(goes);
    });

    test("not while the last one has VRRP yet, though that has told its points", async () => {
        const { run, set } = await host();
        await set("waits", "100\n");
        await set("told/lb-points.lb-1", "0");
        await set("told/lb-left-vrrp.lb-1", "vrrp");
        expect((await run("waits")).exitCode).toBe(waits);
        await set("told/lb-left-vrrp.lb-1", "110");
        expect((await run("waits")).exitCode).toBe(goes);
    });

    test("the last one, which has the address, waits for nothing, and says that it has VRRP yet", async () => {
        const { run, told, set, has } = await host();
        await set("net/vr51");
        await set("vrrp");
        await set("told/lb-left-vrrp.lb-1", "90");
        expect((await run("waits")).exitCode).toBe(goes);
        expect(await told()).toEqual([]);
        expect(await has("told/lb-left-vrrp.lb-0")).toBe("vrrp");
    });

    test("when its unit has stopped, VRRP's network goes, and Pacemaker looks at once", async () => {
        const { run, told, set, has } = await host();
        await set("net/vr51");
        await set("told/lb-left-vrrp.lb-1", "90");
        expect((await run("waits")).exitCode).toBe(goes);
        expect(await has("told/lb-left-vrrp.lb-0")).toMatch(/^\d+$/);
        expect(await told()).toEqual([
            "ip link delete vr51",
            "crm_resource --refresh --resource lb-address --node lb-0",
        ]);
    });

    test.each([
        ["the latest note goes on", "110", goes],
        ["an earlier one waits", "90", waits],
    ])("where all have left unseen, %s", async (_, noted, exitCode) => {
        const { run, set } = await host();
        await set("answers");
        await set("waits", `${noted}\n`);
        await set("told/lb-left-vrrp.lb-1", "100");
        expect((await run("waits")).exitCode).toBe(exitCode);
    });

    test("without Pacemaker it waits", async () => {
        const { run, set } = await host();
        await set("waits", "100\n");
        await set("down");
        expect((await run("waits")).exitCode).toBe(waits);
    });
});
