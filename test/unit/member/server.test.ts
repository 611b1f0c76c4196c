import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

/** Runs the members' server as a thread of a small daemon, without TLS, on a port that is free. */
const daemon = (address: string, rest: string) => `
import http.client, socket, sys, threading, time
sys.path.insert(0, "src/member/onhost")
import member_server
from member_threads import end_with_any_thread

class Plain(socket.socket):
    def getpeercert(self): return {}

class Context:
    def wrap_socket(self, connection, **_): return Plain(fileno=connection.detach())

free = socket.create_server(("127.0.0.1", 0))
member_server.PORT = free.getsockname()[1]
free.close()
member_server.RETRY_SECONDS = 0.05

def ask():
    connection = http.client.HTTPConnection("127.0.0.1", member_server.PORT, timeout=1)
    connection.request("GET", "/state")
    return connection.getresponse().read().decode().strip()

def within(holds):
    deadline = time.monotonic() + 10
    while not holds():
        if time.monotonic() > deadline: sys.exit("waited in vain")
        time.sleep(0.02)

end_with_any_thread()
thread = threading.Thread(target=member_server.serve, name="the server", daemon=True, args=("${address}", Context(), lambda *_: (200, "here")))
${rest}`;

const run = (program: string) => execa(PYTHON, ["-B", "-c", program], { reject: false });

test("it listens at an address that its host does not have yet", async () => {
    const { stdout, stderr } = await run(
        daemon(
            "192.0.2.77",
            `thread.start()
def listens():
    other = socket.socket()
    other.setsockopt(socket.IPPROTO_IP, member_server.IP_FREEBIND, 1)
    try:
        other.bind(("192.0.2.77", member_server.PORT))
        return False
    except OSError:
        return True
    finally:
        other.close()
within(listens)
print("listens")`,
        ),
    );
    expect(stdout, stderr).toBe("listens");
});

test("another program that has its port delays it, and it says so once", async () => {
    const { stdout, stderr } = await run(
        daemon(
            "127.0.0.1",
            `foreign = socket.create_server(("0.0.0.0", member_server.PORT))
thread.start()
time.sleep(0.3)
foreign.close()
def answers():
    try: return ask() == "here"
    except OSError: return False
within(answers)
print("answers")`,
        ),
    );
    expect(stdout, stderr).toBe("answers");
    expect(stderr.match(/cannot listen on port \d+ yet: .*in use/g)).toHaveLength(1);
});

test("a thread that ends takes the daemon with it, and the reason is told", async () => {
    const { exitCode, stdout, stderr } = await run(
        daemon(
            "127.0.0.1",
            `member_server.patiently = lambda listen: None
thread.start()
time.sleep(10)
print("half alive")`,
        ),
    );
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("the server has ended, and with it this daemon");
    expect(stderr).toContain("AttributeError: 'NoneType' object has no attribute 'serve_forever'");
});
