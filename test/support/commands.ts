/** A stack that tests bring up, and one of its hosts: the command is run there as it is shown. */
export interface OnHost {
    stack: "arbitrator" | "galera" | "replicated" | "threeHosts";
    host: string;
}

/** A test that runs the command, and how it says it. */
export type ByTest = [file: string, as: string];

/** A command that is told of and not for the reader to run: why. */
export interface Told {
    told: string;
}

const SHRUNK = "test/hosts/front/long/shrunk.test.ts";
const GONE = "test/hosts/own/long/goneForGood.test.ts";
const BENCH = "bench/main.ts";
const DEMO = "test/hosts/alone/demo.test.ts";
const README = "test/preview/readme.test.ts";
const FAILURES = "test/faults/failures.ts";
const ACME = "test/support/acmeSite.ts";
const FRONT = "test/hosts/front/status.test.ts";
const GALERA = "test/hosts/galera/backups.test.ts";
const REPLICATED = "test/hosts/replicated/backups.test.ts";
const GALERA_RESTORE = "test/hosts/galera/long/restore.test.ts";
const REPLICATED_RESTORE = "test/hosts/replicated/long/backups.test.ts";
const REPLICAS = "test/hosts/replicated/long/members.test.ts";
const WEB_APP = "test/hosts/galera/long/webApp.test.ts";
const WORDPRESS = "test/hosts/alone/long/wordPress.test.ts";
const TWO_BALANCERS = "test/hosts/alone/long/twoBalancers.test.ts";
const SITE = "test/support/wordPressSite.ts";
const CLIENTS = "test/hosts/galera/long/realClients.test.ts";
const INTERRUPTED = "test/hosts/alone/long/interrupted.test.ts";

const ownHosts: ByTest = [README, "ownHosts(document)"];
const ownExample: ByTest = ["test/hosts/alone/long/ownHostsExample.test.ts", 'blocks("sh", text)'];
const runner: ByTest = ["test/unit/tools/test.test.ts", "parts("];
const ofRoles: Told = { told: "a role runs it" };
const examples: ByTest = [DEMO, '"-C", `examples/$'];
const fetched: Told = {
    told: "tests have no way to it: test/support/wordPressCore.ts makes one of Debian's",
};
const wordPress = (example: string, test: string): Record<string, ByTest | Told> => ({
    [`curl -L -o examples/${example}/wordpress.tar.gz https://wordpress.org/latest.tar.gz`]: fetched,
    [`sha256sum examples/${example}/wordpress.tar.gz`]: fetched,
    [`npm run pulumi -- -C examples/${example} config set sha256 CHECKSUM`]: [SITE, "sha256: core.sha256"],
    [`npm run pulumi -- -C examples/${example} config set url http://blog.example.com`]: [
        SITE,
        'url: "http://blog.example.com"',
    ],
    [`npm run pulumi -- -C examples/${example} up`]: [test, `"examples/${example}"`],
});
const ssh: ByTest = [DEMO, 'npmRun("local", "--", "ssh", "web-0"'];
const switchover: ByTest = ["test/hosts/replicated/endpoints.test.ts", 'db.evenkeel("switchover")'];
const reseed: ByTest = [REPLICAS, 'db.evenkeel("reseed", replica!)'];
const promote: ByTest = [REPLICAS, 'db.evenkeel("promote", replica!, "--accept-loss")'];
const restoreUntil: ByTest = [REPLICATED, 'evenkeel("restore", "--until", beforeTheMistake'];

const inReplicated = (command: string) => `npm run db -- ${command} --cwd examples/replicated-mysql`;
const OPTION_FILE = "/etc/evenkeel/databases/shop.cnf";

/** Every command that README, docs and examples show, and where it is run. Those on hosts run in this order. */
export const commands: Record<string, ByTest | OnHost | Told> = {
    "npm install": [".ci/run", "npm install"],
    "npm test": [".ci/run", "npm test"],
    "npm test -- --keep test/hosts/front/serving.test.ts": runner,
    "npm run test:all": runner,
    "npm run test:all -- --record": runner,
    "npm run demo": [DEMO, 'npmRun("demo")'],
    "npm run demo -- --down": [DEMO, 'npmRun("demo", "--", "--down")'],
    "npm run local": [DEMO, 'npmRun("local"'],
    "npm run local -- up": [DEMO, 'npmRun("local", "--", "up")'],
    "npm run local -- status": [DEMO, 'npmRun("local", "--", "status")'],
    "npm run local -- ssh web-0": ssh,
    "npm run local -- ssh web-1": ssh,
    "npm run local -- ssh web-2": ssh,
    "npm run local -- ssh db-0": ssh,
    "npm run local -- fail kill web-0": [DEMO, 'npmRun("local", "--", "fail", "kill"'],
    "npm run local -- fail kill lb-0": [DEMO, 'npmRun("local", "--", "fail", "kill", "lb-0")'],
    "npm run local -- env": ["test/hosts/alone/localCommand.test.ts", 'local("env")'],
    "npm run local -- down": [DEMO, 'npmRun("local", "--", "down")'],
    "npm run pulumi -- ARGS": [DEMO, 'npmRun("pulumi", "--"'],
    "npm run pulumi -- preview --diff": [DEMO, 'npmRun("pulumi", "--", "preview", "--diff")'],
    "npm run pulumi -- up": [DEMO, 'npmRun("pulumi", "--", "up"'],
    "npm run pulumi -- -C examples/galera-cluster up": examples,
    "npm run pulumi -- -C examples/replicated-mysql up": examples,
    "npm run pulumi -- -C examples/three-hosts up": examples,
    "npm run pulumi -- -C examples/file-sync up": examples,
    ...wordPress("three-servers-wordpress", WORDPRESS),
    ...wordPress("two-balancers-one-database", TWO_BALANCERS),
    "npm run pulumi -- -C examples/three-servers-wordpress stack output adminPassword --show-secrets": [
        SITE,
        "adminPassword",
    ],
    "stack output adminPassword --show-secrets": [SITE, "adminPassword"],
    "npm run pulumi -- -C examples/two-balancers-one-database config set webHosts 3": [
        TWO_BALANCERS,
        'pulumi("config", "set", "webHosts", "3")',
    ],
    "curl -LO https://wordpress.org/wordpress-6.8.3.tar.gz": fetched,
    "web-app notes-app run php bin/console": [WEB_APP, "web-app notes run php"],
    "web-app diary-app run php wp-cli.phar --path=wordpress user list": [
        WORDPRESS,
        "web-app blog-app run php",
    ],
    "journalctl -u 'evenkeel-job@notes-app:digest'": [WEB_APP, "-u 'evenkeel-job@notes:long'"],
    'new PDO("mysql:host=127.0.0.1;dbname=shop", $user, $password)': [
        CLIENTS,
        'new PDO("mysql:host=127.0.0.1;dbname=$',
    ],
    'new mysqli("127.0.0.1", $user, $password, "shop")': [CLIENTS, "new mysqli('127.0.0.1'"],
    "npm run pulumi -- -C examples/load-balancer-pair up": examples,
    "npm run bench -- up": [BENCH, 'benchUps("up"'],
    "npm run bench -- cluster": [BENCH, `"cluster",`],
    "npm run bench -- serving": [BENCH, '"serving"'],
    "npm run bench -- sysbench": [BENCH, '"sysbench",'],
    "npm run bench -- failures": [BENCH, 'bench("failures"'],
    "npm run bench -- vultr": [BENCH, 'bench("vultr"'],
    "npm run bench -- bgp": [BENCH, 'bench("bgp"'],
    "npm run bench -- galera": [BENCH, 'bench("galera"'],
    "npm run bench -- replicated": [BENCH, '"replicated",'],
    "npm run bench -- disks": [BENCH, 'bench("disks"'],
    "npm run bench -- syncs": [BENCH, 'bench("syncs"'],
    "npm run bench -- syncfailures": [BENCH, '"syncfailures",'],

    "examples/own-hosts/localHosts.sh": ownExample,
    "npm run pulumi -- -C examples/own-hosts up": ownExample,
    "npm run local -- ssh gamma -- curl -si http://10.0.0.100/": ownExample,
    "npm run local -- fail kill alpha": ownExample,

    // Each line of the block with this one is run as it stands there.
    "pulumi config set --secret sshKey < ~/.ssh/id_ed25519": ownHosts,
    "pulumi stack init mine": ["test/support/engine.ts", '"stack", "init"'],
    "pulumi config set virtualAddress 10.0.0.100/24": ownHosts,
    "pulumi config set --path 'hosts[0].name' alpha": ownHosts,
    "pulumi config set --path 'hosts[0].address' 10.0.0.1": ownHosts,
    "pulumi config set --path 'hosts[0].ssh' 198.51.100.1": ownHosts,
    "pulumi config set --path 'hosts[0].hostKey' 'ssh-ed25519 AAAA…'": ownHosts,
    "pulumi config set --secret failoverToken": [README, "pulumi config set --secret failoverToken"],
    "pulumi config set databaseHosts 5": [
        "test/hosts/galera/long/changes.test.ts",
        'pulumi("config", "set", "databaseHosts", "5")',
    ],
    "DIGITALOCEAN_TOKEN=… pulumi up": ["test/hosts/front/stack.ts", 'sharedStack("test-front"'],
    "npm install @ediri/vultr@2.21.0": ["package.json", '"@ediri/vultr": "2.21.0"'],
    "VULTR_API_KEY=… pulumi up": ["test/hosts/alone/long/vultr.test.ts", "deployFlagshipOnVultr("],
    "pulumi up": ["test/hosts/front/changes.test.ts", "stack.up("],
    "pulumi cancel": [INTERRUPTED, 'pulumi("cancel"'],
    "pulumi stack --show-ids": [DEMO, 'npmRun("pulumi", "--", "stack", "--show-ids")'],
    "pulumi refresh --clear-pending-creates": [INTERRUPTED, 'refresh("--clear-pending-creates")'],
    "pulumi refresh --import-pending-creates": { told: "why it was not taken" },
    "unset SSH_AUTH_SOCK": ["test/support/engine.ts", "SSH_AUTH_SOCK"],

    "npx evenkeel status": [FRONT, 'site.stack.execute("npx", "evenkeel", "status")'],
    "npx evenkeel estimate": ["test/unit/cli/estimate.test.ts", 'commandLine(folder, ["estimate"'],
    "npx evenkeel rollback": ["test/hosts/web/releases.test.ts", '"npx", "evenkeel", "rollback"'],
    "npx evenkeel rollback shop": ["test/hosts/web/releases.test.ts", '"npx", "evenkeel", "rollback"'],
    "npx evenkeel rollback grouped --group first": [
        "test/hosts/web/long/groups.test.ts",
        'evenkeel("rollback", "app", "--group", "a")',
    ],
    "npm run status": [FRONT, '"run", "status", "--", "--cwd"'],
    "npx evenkeel db status": [GALERA, 'db.stack.execute("npx", "evenkeel", "db", "status")'],
    "npx evenkeel db backup": [REPLICATED, 'evenkeel("backup")'],
    "npx evenkeel db backups": ["test/support/backups.ts", 'evenkeel("backups"'],
    "npx evenkeel db restore --confirm db": [GALERA_RESTORE, 'evenkeel("restore", "--confirm", "db")'],
    "npx evenkeel db restore 20261121T022500Z --confirm db": [
        "test/hosts/galera/long/backups.test.ts",
        'evenkeel("restore", kept[0]!.name, "--confirm", "db")',
    ],
    "npx evenkeel db restore --until 2026-11-21T14:05:00Z --confirm db": restoreUntil,
    "npx evenkeel db switchover": switchover,
    "npx evenkeel db reseed db-1": reseed,
    "npx evenkeel db promote HOST --accept-loss": promote,
    // One of these is run by npm; what comes after `db --` is the same command line.
    "npm run db -- status --cwd examples/galera-cluster": [GALERA, '"run", "db", "--", "status", "--cwd"'],
    [inReplicated("status")]: [GALERA, '"run", "db", "--", "status", "--cwd"'],
    [inReplicated("switchover db-1")]: switchover,
    [inReplicated("reseed db-2")]: reseed,
    [inReplicated("backup")]: [REPLICATED, 'evenkeel("backup")'],
    [inReplicated("backups")]: ["test/support/backups.ts", 'evenkeel("backups"'],
    [inReplicated("restore --confirm db")]: [REPLICATED_RESTORE, 'evenkeel("restore", "--confirm", "db")'],
    [inReplicated("restore --until 2026-11-21T14:05:00Z --confirm db")]: restoreUntil,

    "pulumi up --replace 'urn:pulumi:…::web-1'": [
        "test/hosts/front/long/replaced.test.ts",
        'stack.up("--replace"',
    ],
    "npx evenkeel forget beta": [GONE, '"npx", "evenkeel", "forget"'],
    "/usr/local/lib/evenkeel/planned-work drain lb-1": [
        SHRUNK,
        "/usr/local/lib/evenkeel/planned-work drain lb-1",
    ],
    "/usr/local/lib/evenkeel/retire --all beta": [GONE, "/usr/local/lib/evenkeel/retire --all"],

    "ls /var/www/html/uploads": ["test/hosts/alone/long/fileSyncExample.test.ts", "ls /var/www/html/uploads"],
    "systemctl reboot": [FAILURES, 'on(active, "systemctl reboot")'],
    "systemctl stop keepalived": [FAILURES, "on(active, `systemctl stop $"],
    "systemctl stop bird": ["test/faults/vultrFailures.ts", "systemctl stop bird"],
    "galera-member restart": ["test/faults/galeraFailures.ts", 'on(WRITER, "galera-member restart")'],
    "nginx -t": ofRoles,
    "apache2ctl configtest": ofRoles,
    "apache2ctl -M": ["test/hosts/web/long/apache.test.ts", "apache2ctl -M"],
    "nft -c": ofRoles,
    "sshd -t": ofRoles,
    "systemctl enable": ofRoles,

    [`mariadb --defaults-extra-file=${OPTION_FILE}`]: { stack: "galera", host: "web-0" },
    [`mariadb --defaults-extra-file=${OPTION_FILE} -e 'SELECT @@hostname'`]: {
        stack: "threeHosts",
        host: "web-1",
    },
    // While all members are well.
    "galera-member switchover db-0": { stack: "galera", host: "db-1" },
    "systemctl kill --signal=KILL mariadb": { stack: "galera", host: "db-0" },
    "acme-certificates renew lb": [ACME, '"acme-certificates renew lb"'],
    "galera-member status": { stack: "galera", host: "db-0" },
    "journalctl -u evenkeel-galera": { stack: "galera", host: "db-0" },
    "journalctl -u evenkeel-galera -u mariadb": { stack: "galera", host: "db-1" },
    "apt-cache policy mariadb-server": { stack: "galera", host: "db-0" },
    "database-backup --help": { stack: "galera", host: "db-0" },
    "database-backup resume": { stack: "galera", host: "db-2" },
    "replicated-member status": { stack: "replicated", host: "db-0" },
    "replicated-member switchover": { stack: "replicated", host: "db-0" },
    "replicated-member --help": { stack: "replicated", host: "db-0" },
    "journalctl -u garb -u evenkeel-arbitrator": { stack: "arbitrator", host: "web-0" },
};

/** What tests of a stack have to run on its hosts, in order. */
export const commandsOn = (stack: OnHost["stack"]): { command: string; host: string }[] =>
    Object.entries(commands).flatMap(([command, run]) =>
        "stack" in run && run.stack === stack ? [{ command, host: run.host }] : [],
    );
