"""How a pair's backends are, asked as HAProxy asks: once a second, twice as often when an answer differs from the last ones."""

import asyncio
import time
from collections import deque

from nginx_process import mark, replace

INTERVAL_S = 1.0
FAST_S = 0.5
TIMEOUT_S = 1.0
FALL = 2
RISE = 2
# Each return is a reload: who comes and goes has to be well for longer each time, up to a minute.
FORGOTTEN_S = 600
LONGEST_RISE = 60


class Backend:
    """What is thought of one backend, by its answers."""

    def __init__(self, is_up=True):
        self.is_up = is_up
        self.others = 0
        self.fallen = deque()

    def needed(self, now):
        """How many answers in a row it takes to think otherwise."""
        if self.is_up:
            return FALL
        while self.fallen and now - self.fallen[0] > FORGOTTEN_S:
            self.fallen.popleft()
        return min(LONGEST_RISE, max(RISE, 2 ** len(self.fallen)))

    def heard(self, is_well, now):
        """Whether that has changed."""
        if is_well == self.is_up:
            self.others = 0
            return False
        self.others += 1
        if self.others < self.needed(now):
            return False
        self.is_up, self.others = is_well, 0
        if not is_well:
            self.fallen.append(now)
        return True

    def interval(self):
        return FAST_S if self.is_up and self.others else INTERVAL_S


async def is_well(check):
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
    finally:
        writer.close()


class Watch:
    def __init__(self, pair):
        self.pair = pair
        settings = pair.settings()
        self.checks, self.listeners = settings["checks"], settings["listeners"]
        down = pair.down()
        self.backends = {name: Backend(name not in down) for name in self.checks}
        self.heard_of = set()
        self.changed = asyncio.Event()

    async def follow(self, name):
        check, backend = self.checks[name], self.backends[name]
        while True:
            began = time.monotonic()
            problem = await is_well(check)
            if backend.heard(problem is None, time.monotonic()):
                print(f"{name} is {'up' if backend.is_up else f'down: {problem}'}", flush=True)
                self.changed.set()
            if name not in self.heard_of:
                self.heard_of.add(name)
                self.changed.set()
            await asyncio.sleep(max(0.0, began + backend.interval() - time.monotonic()))

    def tell(self):
        """To nginx, and to whoever asks it. Of a listener nothing is said before all of them have been asked."""
        if len(self.heard_of) < len(self.checks):
            return
        run = self.pair.run
        down = sorted(name for name, backend in self.backends.items() if not backend.is_up)
        replace(run / "down", "".join(f"{name}\n" for name in down))
        states = {name: "UP" if backend.is_up else "DOWN" for name, backend in self.backends.items()}
        replace(run / "backends", "".join(f"{name} {state}\n" for name, state in states.items()))
        mark(self.pair)
        ready = run / "ready"
        if all(any(states[name] == "UP" for name in names) for names in self.listeners.values()):
            ready.touch()
        else:
            ready.unlink(missing_ok=True)

    async def tell_changes(self):
        while True:
            await self.changed.wait()
            # What goes together is one reload.
            await asyncio.sleep(0.05)
            self.changed.clear()
            await asyncio.to_thread(self.tell)

    async def run(self):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.tell_changes())
            for name in self.checks:
                tasks.create_task(self.follow(name))


def watch(pair):
    asyncio.run(Watch(pair).run())
