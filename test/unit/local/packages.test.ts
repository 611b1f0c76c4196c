import { expect, test } from "vitest";
import { refusal, type System } from "../../../local/system/packages.ts";

const fit: System = { platform: "linux", missing: [], isDebianLike: true, isRoot: true };

test.each<[string, Partial<System>, string | undefined]>([
    ["a machine with everything", {}, undefined],
    ["a Debian where root can install what is missing", { missing: ["podman"] }, undefined],
    ["another kernel", { platform: "darwin" }, "The local cloud needs Linux."],
    [
        "another distribution without podman",
        { missing: ["podman", "nftables"], isDebianLike: false },
        "Install these first: podman nftables",
    ],
    [
        "a user without root and without podman",
        { missing: ["podman"], isRoot: false },
        "Run this first: sudo apt-get install -y podman",
    ],
    [
        "a user without root",
        { isRoot: false },
        "The local cloud makes containers and networks: run it as root.",
    ],
])("%s is told what to do", (_who, system, message) => {
    expect(refusal({ ...fit, ...system })).toBe(message);
});
