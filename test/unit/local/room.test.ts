import { execa } from "execa";
import { expect, test } from "vitest";
import { asFullDisk } from "../../../local/system/fullDisk.ts";
import { Unable } from "../../../local/system/packages.ts";
import { type Disk, diskOf, type Need, remedy, shortage } from "../../../local/system/room.ts";
import { checkout } from "../../../tools/paths.ts";

const GB = 1e9;
const need = (path: string, gigabytes: number, what: string): Need => ({ path, bytes: gigabytes * GB, what });
const hosts = need("/var/lib/containers/storage", 2, "4 hosts");
const packages = need("/srv/cache", 0.2, "their packages");
const disks =
    (free: Record<string, number>, { takesNoFiles = false } = {}) =>
    (path: string): Disk => {
        const device = Object.keys(free).findIndex((mount) => path.startsWith(mount));
        return { device, free: (Object.values(free)[device] ?? 0) * GB, takesNoFiles };
    };

test.each<[string, Record<string, number>, RegExp | undefined]>([
    ["room on both disks", { "/var": 2, "/srv": 0.2 }, undefined],
    [
        "one disk that has too little",
        { "/var": 0.31, "/srv": 9 },
        /^\/var\/lib\/containers\/storage has 0\.3 GB left, and 4 hosts need about 2\.0 GB: free some, or set graphroot in \/etc\/containers\/storage\.conf/,
    ],
    [
        "the other one",
        { "/var": 9, "/srv": 0.1 },
        /^\/srv\/cache has 0\.1 GB left, and their packages need about 0\.2 GB: free some/,
    ],
    [
        "one disk for both, with room for each alone",
        { "/": 2.1 },
        /^\/var\/lib\/containers\/storage has 2\.1 GB left, and 4 hosts and their packages need about 2\.2 GB: /,
    ],
])("%s", (_what, free, line) => {
    const told = shortage([packages, hosts], disks(free));
    if (line === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(line);
});

test("what will be made in a folder that is not there yet is on the disk of the folder above", () => {
    expect(diskOf("/tmp/no/such/folder").device).toBe(diskOf("/tmp").device);
});

test("clouds that are up are named, since their hosts are what fills a disk", () => {
    expect(remedy("/elsewhere", [])).toBe("free some");
    expect(remedy("/var/lib/containers/storage", ["test-front", "local"])).toBe(
        'free some, or set graphroot in /etc/containers/storage.conf, or end a cloud that nobody needs (test-front, local) with "npm run local -- down --name NAME"',
    );
});

const failed = (message: string, more: object = {}) => Object.assign(new Error(message), more);

test.each<[string, unknown, string]>([
    [
        "Node's own error",
        failed("ENOSPC: no space left on device, open '/var/lib/x.next'", { code: "ENOSPC" }),
        "/var/lib/containers has 0.1 GB left",
    ],
    [
        "Node's own error without a path: of all places the fullest",
        failed("ENOSPC: no space left on device, write", { code: "ENOSPC" }),
        "/var/lib/containers has 0.1 GB left",
    ],
    [
        "podman's",
        failed("Command failed with exit code 125: podman run --detach", {
            stderr: "Error: creating container storage: mkdir /var/lib/containers/storage/overlay/1a: no space left on device",
        }),
        "/var/lib/containers/storage/overlay/1a has 0.1 GB left",
    ],
    [
        "podman's, with a path that is the host's",
        failed("podman import", {
            stderr: 'Error: adding layer with blob "sha256:2e": processing tar file(write /f: no space left on device): exit status 1',
        }),
        "/var/lib/containers has 0.1 GB left",
    ],
    [
        "Go's, which tells first what it copied",
        failed("go build", {
            stderr: "go: copying /tmp/b001/a.out: write /var/lib/b/pulumi: no space left on device",
        }),
        "/var/lib/containers has 0.1 GB left",
    ],
    [
        "what another error was caused by",
        failed("fetch failed", { cause: failed("write", { code: "EDQUOT" }) }),
        "/var/lib/containers has 0.1 GB left",
    ],
])("%s becomes one line", (_whose, error, told) => {
    const { message, cause } = asFullDisk(error, disks({ "/var": 0.1, "/": 50 })) as Error;
    expect(message).toMatch(`No space is left on the disk: ${told}. Free some, or`);
    expect(message).toMatch(/, and run this again: it goes on from here\.$/);
    expect(message.split("\n")).toHaveLength(1);
    expect(cause).toBe(error);
});

test("a disk that has room again was full", () => {
    const error = failed("ENOSPC: no space left on device, open '/var/lib/containers/x'");
    expect(asFullDisk(error, disks({ "/": 50 }))).toMatchObject({
        message: expect.stringContaining("/var/lib/containers/x was full. Free some, or set graphroot"),
    });
});

test("a disk of which nothing is known is not guessed", () => {
    const error = failed("ENOSPC: no space left on device, write");
    expect(asFullDisk(error, disks({ "/": 50 }))).toMatchObject({
        message: expect.stringContaining('No space is left on a disk ("df -h" tells which). Free some'),
    });
});

test("a disk with room that takes no more files is told as such", () => {
    const error = failed("ENOSPC: no space left on device, open '/var/x'");
    expect(asFullDisk(error, disks({ "/": 50 }, { takesNoFiles: true }))).toMatchObject({
        message: expect.stringContaining(" takes no more files."),
    });
});

test("any other error stays as it is", () => {
    const error = failed("EACCES: permission denied", { code: "EACCES" });
    expect(asFullDisk(error)).toBe(error);
    const told = new Unable("no space left on device");
    expect(asFullDisk(told)).toBe(told);
});

// A disk of two megabytes, which nothing but the program below sees.
const SMALL = 'mount -t tmpfs -o size=2m,nr_inodes=50 none /mnt && exec "$0" --input-type=module -e "$1"';
const FILLS = `
import { writeFileSync } from "node:fs";
import { tellingFullDisk } from "${checkout}/local/system/fullDisk.ts";
import { expectRoom } from "${checkout}/local/system/room.ts";
const told = async (work) => console.log(await tellingFullDisk(async () => work()).then(() => "ok", (error) => error.message));
await told(() => expectRoom([{ path: "/mnt/cloud/hosts", bytes: 1e9, what: "2 hosts" }]));
await told(() => writeFileSync("/mnt/filler", Buffer.alloc(4e6)));
await told(() => { for (let i = 0; ; i++) writeFileSync("/mnt/" + i, ""); });
`;
const privateMounts = await execa("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], {
    reject: false,
});

test.skipIf(privateMounts.failed)(
    "a disk that is full: without room for hosts, for bytes, for files",
    async () => {
        const { stdout } = await execa("unshare", ["--mount", "sh", "-c", SMALL, process.execPath, FILLS], {
            env: { XDG_CACHE_HOME: "/mnt" },
        });
        const [room, bytes, files] = stdout.split("\n");
        expect(room).toMatch(
            /^\/mnt\/cloud\/hosts has 0\.0 GB left, and 2 hosts need about 1\.0 GB: free some/,
        );
        expect(bytes).toMatch(
            /^No space is left on the disk: \/mnt\/evenkeel has 0\.0 GB left\. Free some, or set XDG_CACHE_HOME/,
        );
        expect(files).toMatch(
            /^No space is left on the disk: \/mnt\/evenkeel takes no more files\. Free some/,
        );
    },
);
