import { afterAll, expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import { file, firewall, healthy, retireText, roleText, type Step } from "../../../src/hosts/roleText.ts";
import { onHost } from "../../support/flagship.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
const run = (text: string, input?: string) => onHost(cloud, "probe-0", text, input);
const apply = (steps: Step[], before = "") =>
    run(`${before}\n${roleText("probe-around", "probe-0", steps)}`, renderInput({}));
afterAll(() => run(retireText("probe-around", "probe-0")));

test("health is asked past a proxy that the environment names", async () => {
    const proxies = ["http_proxy", "https_proxy", "ALL_PROXY"].map((name) => `${name}=http://127.0.0.1:1`);
    await run("systemd-run -q --unit=answers python3 -m http.server --bind 127.0.0.1 8077");
    const answers = healthy("it answers", "curl -fsS -m 1 -o /dev/null http://127.0.0.1:8077/");
    await apply([answers], `export ${proxies.join(" ")}`).finally(() => run("systemctl stop answers"));
});

test("rules are for the baseline's firewall: another one with the same folder is left alone", async () => {
    const rules = [firewall(["tcp dport 8077 accept"]), file({ path: "/etc/around.conf", text: "here\n" })];
    const staged = "ls /etc/nftables.d";
    await run("mkdir -p /etc/nftables.d && touch /etc/nftables.d/mine.nft");
    await apply(rules);
    expect(await run(staged)).toBe("mine.nft");
    const baseline = "/var/lib/evenkeel/roles/probe-baseline";
    await run(`mkdir ${baseline} && touch ${baseline}/manifest`);
    await apply(rules).finally(() => run(`rm -r ${baseline}`));
    expect(await run(staged)).toBe("50-probe-around.nft\nmine.nft");
    await apply([]);
    expect(await run(staged)).toBe("mine.nft");
    await run("rm -r /etc/nftables.d");
});

const hold = (lock: string, seconds: number) =>
    run(
        `systemd-run -q --unit=holds --service-type=exec python3 -c 'import fcntl, time; file = open("${lock}", "w"); fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(${seconds})'`,
    );
const LISTS = "/var/lib/apt/lists/lock";

test.each([
    [LISTS, "apt_get update || fail 'no lists'"],
    ["/var/cache/apt/archives/lock", "packages tree"],
])("%s is waited for", async (lock, step) => {
    await hold(lock, 3);
    await apply([step]);
    await run("apt-get -q -y purge tree");
});

test("not for ever: one error says who has it", async () => {
    await hold(LISTS, 30);
    await expect(apply(["APT_SECONDS=2", "apt_get update || fail 'no lists'"])).rejects.toThrow(
        /evenkeel: probe-0: role probe-around: another program has kept apt busy for 2 s: Could not get lock \/var\/lib\/apt\/lists\/lock\. It is held by process \d+ \(python3\)/,
    );
    await run("systemctl stop holds");
});
