import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let root: string;
beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "evenkeel-handover-"));
    mkdirSync(join(root, "shop-web"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A role that had these units, as it gets others: what happens, a line each. The port is free at the second look. */
async function apply(
    had: string[],
    units: string[],
    { said = [""], healthy = true, ports = ["web-0:80"] } = {},
): Promise<string[]> {
    writeFileSync(join(root, "shop-web/units"), had.map((unit) => `${unit} inactive\n`).join(""));
    const script = `set -uo pipefail
ROLES=${root} ROLE=shop-web HOST=web-0 DRAINED=${root}/drained
units=(${units.join(" ")}) things=(${ports.map((port) => `"tcp ${port}"`).join(" ")} "the user site-shop")
draining=("traffic sleep 3 " "data hand-over ") resuming=("traffic sleep 4 ")
declare -A method_of=()
say() { :; }
directly() { "$@"; }
sleep() { echo "waits $1, $([[ -e $DRAINED ]] && echo out of service || echo in service)" >>"$ROLES/log"; }
address() { [ "$1" = web-0 ] && echo 10.0.0.2; }
arrival() { echo 10.19.0.5; }
looks=0
ss() { echo "looks at $3" >>"$ROLES/log"; [[ -e $ROLES/looked ]] || { touch "$ROLES/looked" && echo LISTEN; }; }
release_unit() { echo "releases $1, $2 before" >>"$ROLES/log"; }
start_unit() { echo "starts $1 by \${method_of[$1]}" >>"$ROLES/log"; }
. src/hosts/onhost/handover.bash
${said.map((list) => (list ? `alternatives ${list}` : "")).join("\n")}
touch "$ROLES/log"
make_way
echo "new units start" >>"$ROLES/log"
${healthy ? "open_again; tell_visitors" : "take_back"}
[[ ! -e $DRAINED ]] || echo "still out of service" >>"$ROLES/log"
cat "$ROLES/log"
`;
    return (await execa("bash", ["-c", script])).stdout.split("\n");
}

const MADE_WAY = [
    "waits 3, out of service",
    "releases nginx, inactive before",
    "looks at 10.0.0.2:80",
    "waits 0.1, out of service",
    "looks at 10.0.0.2:80",
    "new units start",
];

describe("of units that do the same", () => {
    test("the former one lets go before another one starts, while balancers send nobody", async () => {
        expect(await apply(["php", "nginx"], ["php", "apache2"], { said: ["apache2 nginx"] })).toEqual([
            ...MADE_WAY,
            "waits 4, in service",
        ]);
    });

    test("it does so too when the role was told of them before alone", async () => {
        writeFileSync(join(root, "shop-web/alternatives"), "apache2\nnginx\n");
        expect(await apply(["nginx"], ["apache2"])).toEqual([...MADE_WAY, "waits 4, in service"]);
    });

    test("it is back when the other one does not do, and so are visitors", async () => {
        const said = ["apache2 nginx"];
        expect(await apply(["nginx"], ["apache2"], { said, healthy: false })).toEqual([
            ...MADE_WAY,
            "looks at 10.0.0.2:80",
            "starts nginx by reload",
            "waits 4, in service",
        ]);
    });

    test("balancers' ports are those of what carries their addresses", async () => {
        const ports = ["reserved IP:80", "10.0.0.9/24:443", "web-0:9101"];
        const done = await apply(["haproxy"], ["nginx"], { said: ["haproxy nginx"], ports });
        expect(done.filter((line) => line.startsWith("looks"))).toEqual([
            "looks at 10.19.0.5:80",
            "looks at 10.19.0.5:80",
            "looks at 10.0.0.9:443",
            "looks at 10.0.0.2:9101",
        ]);
    });

    test("a host that somebody else has taken out of service stays that", async () => {
        writeFileSync(join(root, "drained"), "");
        expect((await apply(["nginx"], ["apache2"], { said: ["apache2 nginx"] })).at(-1)).toBe(
            "still out of service",
        );
    });
});

test.each<[string, string[], string[]]>([
    ["the same one", ["nginx"], ["nginx"]],
    ["one more", ["nginx"], ["nginx", "php"]],
    ["another one less", ["nginx", "php"], ["nginx"]],
    ["the first one", [], ["apache2"]],
])("%s: nothing makes way", async (_, had, has) => {
    expect(await apply(had, has, { said: ["apache2 nginx"] })).toEqual(["new units start"]);
});

test.each([
    ["25", "257"],
    ["25/32", "256"],
    ["2/8", "16"],
    ["1/64", "64"],
])("%s percent of 1029 MB are %s", async (share, megabytes) => {
    const script = `awk() { command awk "$@"; }
cat() { echo ${1029 * 2 ** 20}; }
eval "$(sed -n '/^megabytes() {/,/^}/p' src/hosts/onhost/role.bash)"
megabytes ${share}`;
    expect((await execa("bash", ["-c", script])).stdout).toBe(megabytes);
});

test.each([
    ["at the anchor, where the cloud has one", "anchor", "10.19.0.5"],
    ["at the address itself, elsewhere", "another", "203.0.113.200"],
])("a reserved IP's traffic arrives %s", async (_, program, at) => {
    writeFileSync(join(root, program), "#!/bin/bash\necho 10.19.0.5\n", { mode: 0o755 });
    const script = `EVENKEEL_LIB=${root}
directly() { "$@"; }
value() { [[ $1 == address ]] && echo 203.0.113.200; }
eval "$(sed -n '/^anchor() {/,/^arrival() /p' src/hosts/onhost/role.bash)"
arrival`;
    expect((await execa("bash", ["-c", script])).stdout).toBe(at);
});
