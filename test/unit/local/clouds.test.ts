import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import {
    apiVariables,
    type Cloud,
    claimCloud,
    noSlice,
    proxyVariables,
} from "../../../local/clouds/clouds.ts";
import { cloudDirectory } from "../../../local/directories.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-clouds-"));
afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
});

test("where no slice is left, those who have them are named, and how to end one", () => {
    expect(noSlice(["test-front", "test-701"])).toBe(
        'All 12 slices are taken, by test-front, test-701: end one with "npm run local -- down --name test-front".',
    );
    expect(noSlice([])).toBe(
        "All 12 slices of the documentation ranges are in use by networks of this machine.",
    );
});

const cloud: Cloud = {
    name: "local",
    slice: 0,
    apiUrl: "http://203.0.113.1:8080",
    token: "token",
    failoverToken: "failover",
    vultrUrl: "http://203.0.113.1:8082",
    vultrKey: "KEY",
    bgpPassword: "word",
    proxyUrl: "http://203.0.113.1:8083",
    image: "image",
};

function write(kept: Partial<Cloud>): void {
    vi.stubEnv("XDG_STATE_HOME", folder);
    vi.stubEnv("XDG_CACHE_HOME", folder);
    mkdirSync(cloudDirectory("local"), { recursive: true });
    writeFileSync(join(cloudDirectory("local"), "cloud.json"), JSON.stringify(kept));
}

test("a cloud that is there is taken as it is; one of an earlier version has to go first", async () => {
    write(cloud);
    expect(await claimCloud("local", "another image")).toEqual(cloud);
    const { bgpPassword, ...old } = cloud;
    write(old);
    await expect(claimCloud("local", "image")).rejects.toThrow("npm run local -- down --name local");
});

test("programs find each API by the variables of its provider, and the proxy's in capitals alone", () => {
    expect(apiVariables(cloud)).toEqual({
        DIGITALOCEAN_API_URL: "http://203.0.113.1:8080",
        DIGITALOCEAN_TOKEN: "token",
        VULTR_API_URL: "http://203.0.113.1:8082",
        VULTR_API_KEY: "KEY",
    });
    expect(proxyVariables(cloud)).toMatchObject({ HTTPS_PROXY: "http://203.0.113.1:8083" });
    expect(Object.keys(proxyVariables(cloud)).filter((name) => name !== name.toUpperCase())).toEqual([]);
});
