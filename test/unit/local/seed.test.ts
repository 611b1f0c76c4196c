import { expect, test } from "vitest";
import { seedFiles } from "../../../local/machines/seed.ts";

test("a host is told its id, its name and root's keys, and gets the user data untouched", () => {
    const userData = "#cloud-config\nssh_keys: {}\n";
    const files = seedFiles({ id: 42, name: "web-0", userData, publicKeys: ["ssh-ed25519 AAAA me@here\n"] });
    expect(JSON.parse(files["meta-data"]!)).toEqual({
        "instance-id": "42",
        "local-hostname": "web-0",
        "public-keys": ["ssh-ed25519 AAAA me@here"],
    });
    expect(files["user-data"]).toBe(userData);
});

test("where the provider has ids of its own, that is the one a host is told", () => {
    const files = seedFiles({
        id: 42,
        instanceId: "4f0f12e5",
        name: "a",
        userData: undefined,
        publicKeys: [],
    });
    expect(JSON.parse(files["meta-data"]!)["instance-id"]).toBe("4f0f12e5");
});

test("without user data there is an empty one, for cloud-init insists on the file", () => {
    const files = seedFiles({ id: 1, name: "a", userData: undefined, publicKeys: [] });
    expect(files["user-data"]).toBe("#cloud-config\n{}\n");
});
