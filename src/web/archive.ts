import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import * as tar from "tar";
import { type Folder, readFolder } from "../content/folder.ts";
import { type Problem, quoted } from "../hosts/validation.ts";

type Problems = Pick<Problem, "propertyPath" | "reason">[];

/** Unpacked ones, by path and checksum: they go with the process, which sends their files itself. */
const unpacked = new Map<string, string>();

/** The files of an archive, once its checksum is the one that was given; what leads out of it is refused. */
export function readArchive(archive: string, sha256: string): { folder?: Folder; problems: Problems } {
    const wrong = (at: string, reason: string) => ({ problems: [{ propertyPath: `release.${at}`, reason }] });
    let data: Buffer;
    try {
        data = readFileSync(archive);
    } catch (error) {
        return wrong("archive", `${quoted(archive)} cannot be read: ${(error as Error).message}`);
    }
    const found = createHash("sha256").update(data).digest("hex");
    if (found !== sha256.toLowerCase())
        return wrong("sha256", `${quoted(archive)} has the checksum ${found}`);
    try {
        const outside = membersOutside(archive);
        if (outside !== undefined)
            return wrong("archive", `${quoted(archive)} holds ${quoted(outside)}, which leads out of it`);
        const folder = readFolder(unpack(archive, sha256));
        return {
            folder: { ...folder, problems: [] },
            problems: folder.problems.map((reason) => ({ propertyPath: "release.archive", reason })),
        };
    } catch (error) {
        return wrong(
            "archive",
            `${quoted(archive)} is no .tar or .tar.gz file that can be unpacked: ${(error as Error).message}`,
        );
    }
}

/** The first member that would be outside of the folder that the archive is unpacked in, or is a link to there. */
function membersOutside(file: string): string | undefined {
    const outside: string[] = [];
    tar.list({
        file,
        sync: true,
        strict: true,
        onReadEntry({ path, type, linkpath = "" }) {
            const target =
                type === "SymbolicLink" && !posix.isAbsolute(linkpath)
                    ? posix.join(posix.dirname(path), linkpath)
                    : linkpath;
            if (leadsOut(path) || (/Link$/.test(type) && leadsOut(target))) outside.push(path);
        },
    });
    return outside[0];
}

const leadsOut = (path: string) =>
    posix.isAbsolute(path) || path.includes("\\") || posix.normalize(path).split("/")[0] === "..";

function unpack(file: string, sha256: string): string {
    const key = `${sha256} ${file}`;
    const known = unpacked.get(key);
    if (known !== undefined) return known;
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-release-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    tar.extract({ file, cwd: folder, sync: true, strict: true, noChmod: true });
    unpacked.set(key, folder);
    return folder;
}
