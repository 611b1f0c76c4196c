import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

/** Lines of /proc/net/tcp of a little-endian host: 10.100.0.4 is 0400640A, port 3306 is 0CEA. */
const HEADER =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const connection = (local: string, remote: string, state: string, retransmissions: string) =>
    `   0: ${local} ${remote} ${state} 00001266:00000000 01:00001376 ${retransmissions}   102        0 26081486 3 0000000087cec637 12000 4 30 1 -1`;

async function python(expression: string, input: string): Promise<unknown> {
    const program = `
import json, sys, types
sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
for name in ("pymysql", "pymysql.constants", "pymysql.constants.ER", "pymysql.cursors"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["pymysql"].MySQLError = OSError
sys.modules["pymysql"].Connection = sys.modules["pymysql.cursors"].DictCursor = object
sys.modules["pymysql.constants.ER"].CON_COUNT_ERROR = 1040
import replicated_links as links
given = sys.stdin.read()
print(json.dumps(${expression}))
`;
    return JSON.parse((await execa(PYTHON, ["-c", program], { input })).stdout);
}

test("a replica is silent when the same was sent to it twice again, over its connection to MariaDB", async () => {
    const table = [
        HEADER,
        connection("0400640A:0CEA", "0600640A:9B92", "01", "00000002"),
        connection("0400640A:0CEA", "0500640A:9B92", "01", "00000001"),
        // Listening, another service, and a connection that ends anyway.
        connection("0400640A:0CEA", "00000000:0000", "0A", "00000000"),
        connection("0400640A:23F0", "0500640A:D474", "01", "00000009"),
        connection("0400640A:0CEA", "0500640A:9B93", "04", "00000009"),
    ].join("\n");
    expect(await python("links.silent_peers(given)", table)).toEqual(["10.100.0.6:39826"]);
    expect(await python("links.silent_peers(given)", HEADER)).toEqual([]);
});

test("MariaDB is killed when it takes no new connection for 10 s, and not for too many clients", async () => {
    const killed = (answers: string[]) =>
        python(
            `(lambda door, killed: [setattr(links, "fence", lambda view: killed.append(True)),
                [door.look(answer, 100.0 + second) for second, answer in enumerate(json.loads(given))], len(killed)][-1])(
                links.Door(None), [])`,
            JSON.stringify(answers),
        );
    const times = (count: number, answer: string) => Array<string>(count).fill(answer);
    expect(await killed(times(12, "closed"))).toBe(1);
    expect(await killed([...times(9, "closed"), "open", ...times(9, "closed")])).toBe(0);
    expect(await killed(times(60, "full"))).toBe(0);
    // Clients that try again and again fill it.
    expect(await killed(["closed", ...times(11, "full")])).toBe(1);
});
