import { afterAll, expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import { packages, retireText, roleText } from "../../../src/hosts/roleText.ts";
import { memcachedSteps } from "../../../src/memcached/role.ts";
import { onHost } from "../../support/flagship.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
const run = (text: string, input?: string) => onHost(cloud, "probe-0", text, input);
const HOST = "probe-0";
const ADDRESS = 'ip -4 -o address show dev eth1 | awk \'{ sub("/.*", "", $4); print $4 }\'';

afterAll(() => run(retireText("cache-memcached", HOST)));

test("it answers on the private address alone, with the memory that was asked for; and it goes again", async () => {
    const privateAddress = await run(ADDRESS);
    const steps = memcachedSteps({ host: HOST, clients: [HOST], memory: 32, port: 11_211 });
    const text = roleText("cache-memcached", HOST, [packages(["memcached"]), ...steps]);
    const input = renderInput({ hosts: [{ name: HOST, privateAddress }] });
    const before = await run("sha256sum /etc/memcached.conf 2>/dev/null || true");
    await run(text, input);
    expect(await run(text, input)).toBe(`${HOST}: cache-memcached: unchanged`);
    expect(await run("ss -Hltun 'sport = :11211' | awk '{ print $1, $5 }'")).toBe(
        `tcp ${privateAddress}:11211`,
    );
    const ask = `exec 3<>/dev/tcp/${HOST}/11211; printf 'stats\\r\\nquit\\r\\n' >&3; tr -d '\\r' <&3`;
    expect(await run(`bash -c "${ask}"`)).toContain(`STAT limit_maxbytes ${32 << 20}\n`);

    await run(retireText("cache-memcached", HOST));
    expect(await run("systemctl is-active memcached || true; ss -Hltun 'sport = :11211'")).toBe("inactive");
    // The package stays, with its own file as it came.
    expect(await run("grep -c '^-l 127.0.0.1' /etc/memcached.conf")).toBe("1");
    expect(before === "" || (await run("sha256sum /etc/memcached.conf")) === before).toBe(true);
});
