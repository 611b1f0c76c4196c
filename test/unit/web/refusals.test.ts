import * as pulumi from "@pulumi/pulumi";
import { WebPool } from "../../../src/index.ts";
import { host, placement, refuses, refusesWrong, type Wrong } from "../../support/refusals.ts";

const php = { placement, php: true };

refuses([
    [
        "no hosts at all",
        () => new WebPool("web", { placement, hostCount: 0 }),
        ["hostCount: 0 is not a number of hosts: give a whole number from 1 to 100"],
    ],
    [
        "half a host",
        () => new WebPool("web", { placement, hostCount: 1.5 }),
        ["hostCount: 1.5 is not a number of hosts: give a whole number from 1 to 100"],
    ],
    [
        "both placement and hosts",
        () => new WebPool("web", { placement, hosts: [host("a")] }),
        ["hosts: give either `placement` or `hosts`, not both"],
    ],
    [
        "neither",
        () => new WebPool("web", {}),
        ["placement: give either `placement` (hosts are created) or `hosts`"],
    ],
    [
        "processes for a PHP that is not wanted, and none of them",
        () => new WebPool("web", { placement, phpWorkers: 0 }),
        [
            "phpWorkers: 0 is not a number of processes: give a whole number from 1 to 1000",
            "phpWorkers: there is no PHP: give php: true",
        ],
    ],
    [
        "memory and settings for a PHP that is not there",
        () =>
            new WebPool("web", {
                placement,
                php: false,
                phpMemoryLimit: 8,
                phpSettings: { "date.timezone": "UTC" },
            }),
        [
            "phpMemoryLimit: 8 is not a number of megabytes: give a whole number from 16 to 100000",
            "phpMemoryLimit: there is no PHP: give php: true",
            "phpSettings: there is no PHP: give php: true",
        ],
    ],
    [
        "settings of PHP that have arguments of their own, that are none, and of odd values",
        () =>
            new WebPool("web", {
                placement,
                php: true,
                phpSettings: {
                    memory_limit: "1G",
                    post_max_size: "1G",
                    UPLOAD_MAX_FILESIZE: "1G",
                    "opcache.memory_consumption": 512,
                    "date timezone": "UTC",
                    "date.timezone": "UTC\n[www]",
                    auto_prepend_file: "$" + "{HOME}/a.php",
                    precision: Number.NaN,
                },
            }),
        [
            "phpSettings.memory_limit: `phpMemoryLimit` gives it",
            "phpSettings.post_max_size: `maxUpload` gives it",
            "phpSettings.UPLOAD_MAX_FILESIZE: `maxUpload` gives it",
            "phpSettings.opcache.memory_consumption: follows the host's memory: all pools of a host have one OPcache",
            'phpSettings: "date timezone" is not the name of a PHP setting: write it as in php.ini: max_input_vars, date.timezone',
            'phpSettings.date.timezone: "UTC\\n[www]" is not the value of a PHP setting: use one line without ", \\ and $',
            'phpSettings.auto_prepend_file: "$' +
                '{HOME}/a.php" is not the value of a PHP setting: use one line without ", \\ and $',
            "phpSettings.precision: NaN is not the value of a PHP setting: give a number from -1000000000000000 to 1000000000000000",
        ],
    ],
    [
        "a server of another name, and modules for one that is not there",
        () => new WebPool("web", { placement, engine: "lighttpd", apacheModules: ["status"] } as never),
        ['engine: "lighttpd" is not an engine: use one of "nginx", "apache"'],
    ],
    [
        "Apache's modules for nginx",
        () => new WebPool("web", { placement, apacheModules: ["status"] }),
        ['apacheModules: there is no Apache: give engine: "apache"'],
    ],
    [
        "modules that Debian's Apache does not have, or not beside its own, and one twice",
        () =>
            new WebPool("web", {
                placement,
                engine: "apache",
                apacheModules: ["header", "mod_status.so -k", "mpm_prefork", "cgi"],
            }),
        [
            ["header", 'did you mean "headers"?'],
            ["mod_status.so -k", 'write it as a2enmod takes it: "status"'],
            ["mpm_prefork", "it has mpm_event, and one at a time"],
            ["cgi", 'with MPM event, that is "cgid"'],
        ].map(
            ([name, hint], i) => `apacheModules[${i}]: "${name}" is not a module of Debian's Apache: ${hint}`,
        ),
    ],
    [
        "one of Apache's modules twice",
        () => new WebPool("web", { placement, engine: "apache", apacheModules: ["status", "status"] }),
        ['apacheModules[1]: "status" is in the list already'],
    ],
    [
        "static files that are kept for longer than a year",
        () => new WebPool("web", { placement, staticMaxAge: 31_536_001 }),
        ["staticMaxAge: 31536001 is not a number of seconds: give a whole number from 0 to 31536000"],
    ],
    [
        "pages that Apache is to keep",
        () => new WebPool("web", { ...php, engine: "apache", pageCache: { seconds: 60 } }),
        ["pageCache: Apache keeps no pages here: leave `engine` out"],
    ],
    [
        "pages that are kept for no time, unless there is no cookie",
        () => new WebPool("web", { ...php, pageCache: { seconds: 0, unlessCookies: ["a b"] } }),
        [
            "pageCache.seconds: 0 is not a number of seconds: give a whole number from 1 to 86400",
            'pageCache.unlessCookies[0]: "a b" is not the beginning of a cookie\'s name: write it as "wordpress_"',
        ],
    ],
    [
        "a user, folders, extensions and kept pages for a PHP that is not wanted",
        () =>
            new WebPool("web", {
                placement,
                user: "shop",
                writable: ["up"],
                phpExtensions: ["gd"],
                pageCache: { seconds: 60 },
            }),
        ["user", "writable", "phpExtensions", "pageCache"].map(
            (key) => `${key}: there is no PHP: give php: true`,
        ),
    ],
    [
        "PHP as root, and folders that are none of the site's",
        () => new WebPool("web", { ...php, user: "root", writable: ["/etc", "../up", "a b"] }),
        [
            'user: "root" is not the name of a Unix user that PHP may run as: write it as "shop"',
            ...["/etc", "../up", "a b"].map(
                (path, i) =>
                    `writable[${i}]: "${path}" is not a folder below the site's own: write it as "wp-content/uploads", with letters, digits and . _ -`,
            ),
        ],
    ],
    [
        "a folder that may be written in another one, and one twice",
        () => new WebPool("web", { ...php, writable: ["up", "up/a", "b", "b"] }),
        [
            'writable[1]: "up/a" is in another one of the list',
            'writable[3]: "b" is in another one of the list',
        ],
    ],
    [
        "code in a folder that PHP may write",
        () => new WebPool("web", { ...php, files: { "wp/up/index.php": "" }, writable: ["wp", "other"] }),
        ['writable: "wp" holds "wp/up/index.php", which `up` brings: PHP could change it'],
    ],
    [
        "an extension that is a package",
        () => new WebPool("web", { ...php, phpExtensions: ["php-gd -y", "GD"] }),
        ["php-gd -y", "GD"].map(
            (name, i) =>
                `phpExtensions[${i}]: "${name}" is not an extension of PHP: write it as "gd", for Debian's package php-gd`,
        ),
    ],
    [
        "a release of nothing, beside a folder and a document root",
        () => new WebPool("web", { placement, release: {}, folder: "docs", documentRoot: "/srv/a" }),
        [
            "release.folder: give either `folder` or `archive`",
            "folder: the files are those of `release`: leave it out",
            "documentRoot: is the release that is served: leave it out",
        ],
    ],
    [
        "a release of two things, one that is kept alone, and one of a checksum alone",
        () => [
            new WebPool("web", { placement, release: { folder: "docs", archive: "a.tar", keep: 1 } }),
            undefined,
        ],
        [
            "release.keep: 1 is not a number of releases: give a whole number from 2 to 50",
            "release.archive: give either `folder` or `archive`, not both",
            "release.sha256: an archive is taken by its checksum: give it",
        ],
    ],
    [
        "a checksum of no archive",
        () => new WebPool("web", { placement, release: { folder: "docs", sha256: "0".repeat(64) } }),
        ["release.sha256: is the checksum of an `archive`: there is none"],
    ],
    [
        "a checksum that is none",
        () => new WebPool("web", { placement, release: { archive: "a.tar", sha256: "abc" } }),
        ['release.sha256: "abc" is not a SHA-256: give the 64 hexadecimal digits that sha256sum tells'],
    ],
    [
        "a release without the folder that is to be served",
        () => new WebPool("web", { placement, release: { folder: "docs", public: "public" } }),
        ['release.public: the release has no folder "public"'],
    ],
    [
        "uploads of nothing, and a balancer by its name",
        () => new WebPool("web", { placement, maxUpload: 0, trustedProxies: ["lb-0"] }),
        [
            "maxUpload: 0 is not a number of megabytes: give a whole number from 1 to 10000",
            'trustedProxies[0]: "lb-0" is not an address or a range: write it as 192.0.2.0/24',
        ],
    ],
    [
        "an upgrade of no day, and half of one",
        () => new WebPool("web", { placement, upgrade: { on: "soon", reboot: "yes" } as never }),
        [
            'upgrade.on: "soon" is not a day: write it as "2026-12-01"',
            "upgrade.reboot: is a text: give true or false",
        ],
    ],
    [
        "a bad port",
        () => new WebPool("web", { placement, port: 70000 }),
        ["port: 70000 is not a port: give a whole number from 1 to 65535"],
    ],
    [
        "the port of SSH",
        () => new WebPool("web", { placement, port: 22 }),
        ["port: 22 is the port of SSH: take another one"],
    ],
    [
        "a file outside the document root",
        () => new WebPool("web", { placement, files: { "../etc/passwd": "" } }),
        [
            'files: "../etc/passwd" is not a path below the document root: no / at its ends, no .. between them, and no line breaks',
        ],
    ],
    [
        "an argument of another spelling",
        () => new WebPool("web", { placement, hostcount: 3 } as never),
        ["hostcount: there is no such argument: did you mean `hostCount`?"],
    ],
    [
        "an argument of nobody",
        () => new WebPool("web", { placement, backend: 3, "a b": 1 } as never),
        ["backend", '"a b"'].map(
            (key) =>
                `${key}: there is no such argument: there are placement, hostCount, size, hosts, upgrade, engine, apacheModules, documentRoot, files, folder, release, groups, gate, php, phpWorkers, phpMemoryLimit, phpSettings, user, writable, phpExtensions, maxUpload, trustedProxies, staticMaxAge, pageCache, deletionProtection, port, healthPath`,
        ),
    ],
    [
        "a number that is a text, and a text that is a number",
        () =>
            new WebPool("web", {
                placement,
                hostCount: "3",
                documentRoot: 4,
                port: pulumi.output(80),
            } as never),
        [
            "hostCount: is a text: give a whole number from 1 to 100",
            "documentRoot: is a number: give a folder that a host has room for such things in",
            "port: is an output, which a preview need not know: give a whole number from 1 to 65535",
        ],
    ],
]);

const wrong: Wrong[] = [
    [
        "null for everything",
        { placement: null, hosts: null, files: null, port: null, php: null },
        ["placement", "hosts", "files", "php", "port"],
    ],
    ["NaN hosts", { placement, hostCount: Number.NaN }, ["hostCount"]],
    ["hosts without end", { placement, hostCount: Number.POSITIVE_INFINITY }, ["hostCount"]],
    ["more hosts than anybody has", { placement, hostCount: 1e9 }, ["hostCount"]],
    ["a size beside given hosts", { hosts: [host("a")], size: "s-1vcpu-1gb" }, ["size"]],
    ["a size that is none", { placement, size: "1 GB" }, ["size"]],
    ["processes without end", { placement, php: true, phpWorkers: Number.POSITIVE_INFINITY }, ["phpWorkers"]],
    ["settings of PHP in a list", { placement, php: true, phpSettings: ["precision"] }, ["phpSettings"]],
    [
        "a setting of PHP that is none",
        { placement, php: true, phpSettings: { precision: null } },
        ["phpSettings.precision"],
    ],
    ["a host with half a worker", { hosts: [host("a", { workers: 0.5 })] }, ["hosts[0].workers"]],
    ["PHP by a text", { placement, php: "yes" }, ["php"]],
    ["the system's folder", { placement, documentRoot: "/etc/nginx" }, ["documentRoot"]],
    ["the root of all", { placement, documentRoot: "/" }, ["documentRoot"]],
    ["a folder of a relative part", { placement, documentRoot: "/var/www/.." }, ["documentRoot"]],
    ["a folder with a command in it", { placement, documentRoot: "/var/www/$(id)" }, ["documentRoot"]],
    ["a health path that hides the first page", { placement, healthPath: "/" }, ["healthPath"]],
    ["a health path that nginx never sees", { placement, healthPath: "/a/../b" }, ["healthPath"]],
    ["an encoded health path", { placement, healthPath: "/health%20z" }, ["healthPath"]],
    ["a list of files", { placement, files: ["index.html"] }, ["files"]],
    ["a file that is a number", { placement, files: { "index.html": 4 } }, ["files.index.html"]],
    ["a file that is not text", { placement, files: { "a.bin": "\0" } }, ["files.a.bin"]],
    ["a file of two lines' name", { placement, files: { "a\nb": "" } }, ["files"]],
    ["a file and a folder of one name", { placement, files: { a: "", "a/b": "" } }, ["files"]],
    ["files that are an output", { placement, files: pulumi.output({}) }, ["files"]],
    ["a folder that is a number", { placement, folder: 5 }, ["folder"]],
    ["a folder without a path", { placement, folder: "" }, ["folder"]],
    [
        "a folder that is not there, beside a wrong port",
        { placement, folder: "gone", port: 0 },
        ["port", "folder"],
    ],
    ["a folder that is a file", { placement, folder: "package.json" }, ["folder"]],
    [
        "a folder that holds a file where a text is to be",
        { placement, folder: "docs", files: { "a/b": "", "failures.md/x": "" } },
        ["files"],
    ],
    [
        "a text where the folder holds a folder",
        { placement, folder: "examples", files: { flagship: "" } },
        ["files"],
    ],
    ["a name with a dot", { placement }, ["name"], "web.shop"],
    ["a name that begins with a digit", { placement }, ["name"], "3web"],
    ["a name that ends with a hyphen", { placement }, ["name"], "web-"],
];
refusesWrong(WebPool, "web", wrong);
