import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

const claimed = (data: string) =>
    execa(
        PYTHON,
        [
            "-B",
            "-c",
            `from pathlib import Path; from member_data import refuse_mount; refuse_mount(Path("${data}"))`,
        ],
        {
            env: { PYTHONPATH: "src/member/onhost" },
            reject: false,
        },
    );

test("a data folder that is a file system of its own is refused before it holds any row", async () => {
    expect((await claimed("/proc")).stderr).toContain(
        "/proc is a file system of its own, and a member gives that folder another name when it gets other rows: have / on that disk",
    );
    expect(await claimed("/proc/self")).toMatchObject({ exitCode: 0 });
});
