import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { PYTHON } from "../../support/python.ts";
import { standIns } from "../../support/standIns.ts";

/** A daemon that looks ten times a second, and tells each time that it is to end. */
const LOOKS = `
import sys, time
from pathlib import Path
import member_watch
member_watch.UNITS = Path(sys.argv[1])
edition = member_watch.Edition("daemon.service", "none*")
print("began", flush=True)
while not edition.is_former():
    time.sleep(0.1)
print("ends", flush=True)
`;

async function aDaemon() {
    const { folder, env: path, standIn } = await standIns();
    await mkdir(join(folder, "daemon.service.d"));
    await writeFile(join(folder, "daemon.service"), "[Service]\n");
    // The manager, as far as it is asked.
    const manager = (needsReload: string) => standIn("systemctl", `echo ${needsReload}`);
    await manager("no");
    const env = { ...path, PYTHONPATH: "src/member/onhost" };
    const daemon = execa(PYTHON, ["-B", "-c", LOOKS, folder], { env, lines: true });
    onTestFinished(() => void daemon.kill());
    const lines = daemon.iterable();
    expect((await lines.next()).value).toBe("began");
    const ends = lines.next().then(({ value }) => value);
    /** What it has said after so many milliseconds at most. */
    const said = (ms: number) =>
        Promise.race([ends, new Promise((resolve) => setTimeout(() => resolve("runs on"), ms))]);
    return { folder, manager, said };
}

test("a daemon ends for a drop-in that its unit did not have", async () => {
    const { folder, said } = await aDaemon();
    await writeFile(join(folder, "daemon.service.d", "more.conf"), "[Service]\n");
    expect(await said(20_000)).toBe("ends");
});

test("it does not while its files are still coming, nor before systemd knows them", async () => {
    const { folder, manager, said } = await aDaemon();
    await manager("yes");
    for (let file = 1; file < 4; file++) {
        await utimes(join(folder, "daemon.service"), file, file);
        expect(await said(1000)).toBe("runs on");
    }
    expect(await said(3000)).toBe("runs on");
    await manager("no");
    expect(await said(20_000)).toBe("ends");
});
