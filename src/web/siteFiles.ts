import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file that travels in a role's input; the role's text names it by its checksum. */
export interface Blob {
    /** Path below the document root, with forward slashes. */
    path: string;
    sha256: string;
    base64: string;
}

/** What travels is held in the stack's state, so it is meant for pages and images, not for archives. */
export const MAX_FOLDER_BYTES = 16 * 1024 * 1024;

/** All files of a folder, hidden ones left out, in stable order. Throws when they are too large to travel this way. */
export function readFolder(folder: string): Blob[] {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter(
            (path) =>
                !path
                    .slice(folder.length)
                    .split(/[\\/]/)
                    .some((part) => part.startsWith(".")),
        )
        .sort();
    const blobs = files.map((file) => {
        const bytes = readFileSync(file);
        const path = file.slice(folder.length).replaceAll("\\", "/").replace(/^\/+/, "");
        return {
            path,
            sha256: createHash("sha256").update(bytes).digest("hex"),
            base64: bytes.toString("base64"),
        };
    });
    const total = blobs.reduce((sum, { base64 }) => sum + base64.length, 0) * (3 / 4);
    if (total > MAX_FOLDER_BYTES) {
        throw new Error(
            `${folder} holds ${Math.round(total)} bytes; at most ${MAX_FOLDER_BYTES} can be sent with the stack`,
        );
    }
    return blobs;
}
