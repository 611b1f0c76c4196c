import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { Cloud } from "../../../local/clouds/clouds.ts";
import { localCloudEnvironment } from "../../../tools/localCloud.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-state-"));
afterEach(() => {
    rmSync(folder, { recursive: true });
});

test("the passphrase is made once, whole, and stays", () => {
    vi.stubEnv("XDG_STATE_HOME", folder);
    const file = () => localCloudEnvironment({ name: "local", apiUrl: "", token: "" } as Cloud);
    const passphrase = () => readFileSync(file().PULUMI_CONFIG_PASSPHRASE_FILE ?? "", "utf8");
    const first = passphrase();
    expect(first).toMatch(/^\S{32}\n$/);
    expect(passphrase()).toBe(first);
});
