import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

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
    const file = join(homedir(), ".cache/evenkeel/wordpress.tar.gz");
    if (!existsSync(file)) await make(file);
    return { file, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
}

async function make(file: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true });
    const work = mkdtempSync(`${file}-`);
    const at = { cwd: work, shell: true };
    try {
        await execa(`apt-get -q download ${PACKAGES.join(" ")}`, at);
        await execa("for each in *.deb; do dpkg-deb -x $each root; done", at);
        // What is Debian's own configuration is left out.
        const own = ["usr/share/wordpress/wp-config.php", "usr/share/wordpress/.htaccess"];
        await execa(`cd root && rm -rf ${own.join(" ")}`, at);
        await execa("mkdir out && cp -rL root/usr/share/wordpress out/wordpress", at);
        await execa("tar -C out --sort=name --mtime=@0 --owner=0 --group=0 -czf made.tar.gz wordpress", at);
        renameSync(join(work, "made.tar.gz"), file);
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}
