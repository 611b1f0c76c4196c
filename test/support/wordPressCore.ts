import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { cache, withDebianFiles } from "./debianFiles.ts";

/** Debian's package, and those whose files it only links to. */
const PACKAGES = [
    "libjs-cropper",
    "libjs-underscore",
    "php-getid3",
    "wordpress",
    "wordpress-theme-twentytwentythree",
];

/** WordPress as its own archive has it, made of Debian's packages: that is where this machine gets it from. */
export async function wordPressArchive(): Promise<{ file: string; sha256: string }> {
    const file = join(cache, "wordpress.tar.gz");
    if (!existsSync(file)) await make(file);
    return { file, sha256: checksum(file) };
}

const checksum = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** Makes of an archive one of a later WordPress, whose tables are of a later version; gives its checksum and that version. */
export async function upgraded(file: string): Promise<{ sha256: string; tables: number }> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-wordpress-"));
    try {
        await execa("tar", ["-xzf", file, "-C", folder]);
        const version = join(folder, "wordpress/wp-includes/version.php");
        const former = readFileSync(version, "utf8");
        const tables = Number(/\$wp_db_version = (\d+);/.exec(former)![1]) + 1;
        const number = /\$wp_version = '([\d.]+)';/.exec(former)![1];
        writeFileSync(
            version,
            former
                .replace(/\$wp_db_version = \d+;/, `$wp_db_version = ${tables};`)
                .replace(/\$wp_version = '[\d.]+';/, `$wp_version = '${number}.99';`),
        );
        await execa("tar", ["-C", folder, "-czf", file, "wordpress"]);
        return { sha256: checksum(file), tables };
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

const make = (file: string) =>
    withDebianFiles(PACKAGES, async (folder) => {
        const at = { cwd: folder, shell: true };
        // What is Debian's own configuration is left out.
        const own = ["usr/share/wordpress/wp-config.php", "usr/share/wordpress/.htaccess"];
        await execa(`cd root && rm -rf ${own.join(" ")}`, at);
        await execa("mkdir out && cp -rL root/usr/share/wordpress out/wordpress", at);
        await execa("tar -C out --sort=name --mtime=@0 --owner=0 --group=0 -czf made.tar.gz wordpress", at);
        renameSync(join(folder, "made.tar.gz"), file);
    });
