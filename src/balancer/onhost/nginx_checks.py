"""How a pair's backends are, asked as HAProxy asks: once a second, twice as often when an answer differs from the last ones."""

import asyncio
import time

from nginx_answers import listen
from nginx_backend import Backend, marked
from nginx_process import mark, replace

INTERVAL_S = 1.0
FAST_S = 0.5
TIMEOUT_S = 1.0


async def problem_of(check):
    """None, or what is wrong."""
    try:
        return await asyncio.wait_for(ask(check), TIMEOUT_S)
    except TimeoutError:
        return f"no answer within {TIMEOUT_S:g} s"
    except OSError as error:
        return error.strerror or str(error)


async def ask(check):
    reader, writer = await asyncio.open_connection(check["host"], check["port"])
    try:
        if check.get("proxyProtocol"):
            writer.write(b"PROXY UNKNOWN\r\n")
        if "path" not in check:
            await writer.drain()
            return None
        writer.write(f"GET {check['path']} HTTP/1.0\r\n\r\n".encode())
        line = (await reader.readline()).decode("latin-1").strip()
        words = line.split()
        if len(words) > 1 and words[0].startswith("HTTP/") and words[1] == "200":
            return None
        return f'answered "{line}"' if line else "closed the connection"
    except ValueError:
        return "answered no HTTP"
    finally:
        writer.close()


class Watch:
    def __init__(self, pair):
        self.pair = pair
        settings = pair.settings()
        self.checks, self.pools, self.listeners = (settings[key] for key in ("checks", "pools", "listeners"))
        marks = pair.marks()
        self.backends = {name: Backend("down" if name in marks else "up") for name in self.checks}
        self.asked = set()
        self.changed = asyncio.Event()

    async def follow(self, name):
        backend = self.backends[name]
        while True:
            began = time.monotonic()
            problem = await problem_of(self.checks[name])
            if backend.checked(problem is None, time.monotonic()):
                self.say(name, f"down: {problem}" if backend.state == "down" else backend.state)
            if name not in self.asked:
                self.asked.add(name)
                self.changed.set()
            interval = FAST_S if backend.is_in_doubt() else INTERVAL_S
            await asyncio.sleep(max(0.0, began + interval - time.monotonic()))

    def heard(self, pool, host, status):
        names = self.pools.get(pool, [])
        # Who is alone in it is nobody's to leave out.
        for name in names if len(names) > 1 else []:
            if self.checks[name]["host"] != host:
                continue
            if self.backends[name].answered(status, time.monotonic()):
                self.say(name, f"left out: its last answers were errors, as {status}")

    def say(self, name, what):
        print(f"{name} is {what}", flush=True)
        self.changed.set()

    def tell(self):
        """To nginx, and to whoever asks it. Of a listener nothing is said before all of them have been asked."""
        if len(self.asked) < len(self.checks):
            return
        run = self.pair.run
        states = {name: backend.state for name, backend in self.backends.items()}
        replace(run / "marks", "".join(f"{name}\n" for name in sorted(marked(states, self.pools))))
        replace(run / "backends", "".join(f"{name} {state.upper()}\n" for name, state in states.items()))
        mark(self.pair)
        # By health alone.
        if all(any(states[name] != "down" for name in self.pools[pool]) for pool in self.listeners):
            (run / "ready").touch()
        else:
            (run / "ready").unlink(missing_ok=True)

    async def tell_changes(self):
        while True:
            await self.changed.wait()
            # What goes together is one reload.
            await asyncio.sleep(0.05)
            self.changed.clear()
            await asyncio.to_thread(self.tell)

    async def run(self):
        await listen(self.pair.run / "answers.sock", self.heard)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.tell_changes())
            for name in self.checks:
                tasks.create_task(self.follow(name))


def watch(pair):
    asyncio.run(Watch(pair).run())
