import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cache, withDebianFiles } from "./debianFiles.ts";

/** What Debian's packages of MediaWiki and Adminer have, each in a folder: as it is, without extensions that no page here uses. */
export async function foldersOfOthers(): Promise<{ mediawiki: string; adminer: string }> {
    const folder = join(cache, "others");
    if (!existsSync(folder))
        await withDebianFiles(["adminer", "mediawiki", "mediawiki-classes"], async (work) => {
            const share = join(work, "root/usr/share");
            await execa(
                "mkdir out out/adminer && cp $SHARE/adminer/adminer.php out/adminer/index.php && " +
                    "find $SHARE/mediawiki -type l -delete && rm -rf $SHARE/mediawiki/extensions-core && mv $SHARE/mediawiki out/mediawiki",
                { cwd: work, shell: true, env: { SHARE: share } },
            );
            renameSync(join(work, "out"), folder);
        });
    return { mediawiki: join(folder, "mediawiki"), adminer: join(folder, "adminer") };
}

export const WIKI = "http://wiki.example:8090";
export const PASSWORD = 'it\'s "Ahoy" $HOME 7';

const settings = (name: string) => `<?php
$secret = fn (string $name) => file_get_contents(getenv("{$name}_FILE"));
$wgSitename = '${name}';
$wgServer = '${WIKI}';
$wgScriptPath = '';
$wgDBtype = 'mysql';
$wgDBserver = getenv('DB_HOST') . ':' . getenv('DB_PORT');
$wgDBname = getenv('DB_DATABASE');
$wgDBuser = getenv('DB_USERNAME');
$wgDBpassword = $secret('DB_PASSWORD');
$wgSecretKey = $secret('WIKI_KEY');
$wgMainCacheType = $wgSessionCacheType = CACHE_DB;
$wgJobRunRate = 0;
wfLoadSkin('Vector');
`;

/** What its manual has an administrator run: the first time it is installed, with a later version its tables are changed. */
const SETUP = `<?php
$db = new PDO('mysql:host=' . getenv('DB_HOST') . ';port=' . getenv('DB_PORT') . ';dbname=' . getenv('DB_DATABASE'),
    getenv('DB_USERNAME'), file_get_contents(getenv('DB_PASSWORD_FILE')));
if ($db->query("SHOW TABLES LIKE 'page'")->fetch()) {
    passthru('php maintenance/update.php --quick', $status);
    exit($status);
}
mkdir($folder = sys_get_temp_dir() . '/wiki-' . getmypid(), 0700);
passthru('MW_CONFIG_FILE=/nonexistent/LocalSettings.php php maintenance/install.php --dbserver="$DB_HOST:$DB_PORT" --dbname="$DB_DATABASE"'
    . ' --dbuser="$DB_USERNAME" --dbpassfile="$DB_PASSWORD_FILE" --passfile="$WIKI_PASSWORD_FILE" --scriptpath=""'
    . " --server='${WIKI}' --confpath='$folder' Wiki Captain", $status);
array_map(unlink(...), glob("$folder/*"));
rmdir($folder);
exit($status);
`;

/** Both applications, on the hosts of the stack's own pool; a database of their own. */
export const applications = (name: string, folders: { mediawiki: string; adminer: string }) => `
const wiki = new evenkeel.WebPool("wiki", {
    hosts: web.hosts,
    port: 8090,
    php: true,
    phpExtensions: ["intl", "mbstring", "xml"],
    phpWorkers: 3,
    release: { folder: ${JSON.stringify(folders.mediawiki)} },
    files: { "LocalSettings.php": ${JSON.stringify(settings(name))}, ".setup.php": ${JSON.stringify(SETUP)} },
});
const tools = new evenkeel.WebPool("tools", {
    hosts: web.hosts,
    port: 8091,
    php: true,
    phpWorkers: 2,
    release: { folder: ${JSON.stringify(folders.adminer)} },
});
const pages = new evenkeel.Database("pages", {
    servers: db.hosts,
    endpoint: db.endpoint,
    clients: wiki.hosts,
    group: wiki.user!,
    port: 3316,
    readPort: 3317,
});
const editing = new evenkeel.WebApp("wiki-app", {
    pool: wiki,
    database: pages.connection,
    secrets: { WIKI_KEY: pulumi.secret("${"key-of-the-wiki".repeat(4)}"), WIKI_PASSWORD: pulumi.secret(${JSON.stringify(PASSWORD)}) },
    setup: ["php", ".setup.php"],
    healthPath: "/index.php/Main_Page",
    jobs: [{ name: "queue", schedule: "minutely", command: ["php", "maintenance/runJobs.php", "--maxtime=50"] }],
});
const administering = new evenkeel.WebApp("tools-app", { pool: tools, healthPath: "/" });

export const connection`;
