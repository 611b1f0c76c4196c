import { literally } from "../hosts/pattern.ts";
import type { SiteSettings } from "./engine.ts";

/** Where a release tells its own path (content/onhost/content_releases.py): of a link, Apache cannot say where it leads. */
const RELEASE = ".evenkeel-release";

/** What becomes of a request, by its path: nginx's locations, in the same order (nginx.ts). The first that fits ends it. */
export function rules({
    healthPath,
    maxUpload,
    php,
    written = [],
    current,
    apacheModules = [],
}: SiteSettings): string[] {
    const health = `"^${literally(healthPath)}$"`;
    return [
        "RewriteEngine On",
        // It reads a body as a whole then, before it turns to PHP: whoever sends one slowly takes no process.
        ...(php ? ['RewriteRule "^" - [E=proxy-sendcl:1]'] : []),
        ...(php && current ? release(current) : []),
        "# Planned work on the host: balancers are to send nobody here (hosts/onhost/planned-work).",
        "RewriteCond /run/evenkeel-drained -f",
        `RewriteRule ${health} - [R=503]`,
        `RewriteRule ${health} - [${php ? "L" : "R=200"}]`,
        "# A body that goes on to PHP has no other limit, and one that does not tell its length would have none.",
        `RewriteCond expr "%{req_novary:Content-Length} -gt ${maxUpload * 2 ** 20}"`,
        'RewriteRule "^" - [R=413]',
        'RewriteCond expr "-n %{req_novary:Transfer-Encoding}"',
        'RewriteRule "^" - [R=411]',
        ...apacheModules.flatMap(ownPage),
        "# Hidden files are nobody's business, except what RFC 8615 puts there.",
        'RewriteRule "/\\.(?!well-known/)" - [R=404]',
        ...(php ? written.map(runsNothing) : []),
        ...(php ? firstPage("index.php", written) : []),
        ...firstPage("index.html"),
        "# Nobody is told what else is in a folder.",
        "RewriteCond %{DOCUMENT_ROOT}$0 -d",
        'RewriteRule "^.*/$" - [F]',
        ...(php ? RUN : []),
        "# What editors, archives and databases leave behind, and sources that nothing runs here.",
        'RewriteRule "(?i)(~|\\.(bak|dump|inc|old|orig|phar|php\\d?|phps|phtml|save|sql|sw[op])(\\.(bz2|gz|xz|zip|zst))?)$" - [R=404]',
        ...(php ? FRONT_CONTROLLER : []),
        'RewriteCond %{REQUEST_METHOD} "!^(GET|HEAD)$"',
        'RewriteRule "^" - [R=405]',
    ];
}

const release = (current: string) => [
    `RewriteRule "^" - [E=EVENKEEL_RELEASE:${current}]`,
    `RewriteCond ${current}/${RELEASE} -f`,
    `RewriteCond expr "file('${current}/${RELEASE}') =~ /^(.+)$/"`,
    'RewriteRule "^" - [E=EVENKEEL_RELEASE:%1]',
];

/** What modules answer by themselves. */
const ownPage = (module: string) =>
    ["info", "status"].includes(module) ? [`RewriteRule "^/server-${module}$" - [L]`] : [];

/** PHP may write there, and so may whoever finds a hole in it. */
const runsNothing = (folder: string) =>
    `RewriteRule "(?i)^/${literally(folder)}/([^/]*/)*[^/]*\\.(phar|php\\d?|phps|pht|phtml)(/|$)" - [R=404]`;

/** Of a folder; not of those in which nothing is run, as what comes after this is not asked any more. */
const firstPage = (index: string, written: string[] = []) => [
    ...(written.length > 0 ? [`RewriteCond $0 "!^/(${written.map(literally).join("|")})/" [NC]`] : []),
    `RewriteCond %{DOCUMENT_ROOT}$0${index} -f`,
    `RewriteRule "^/(.*/)?$" "/$1${index}" [PT]`,
];

/** What comes behind the file's own path is the application's. */
const RUN = [
    "RewriteCond %{DOCUMENT_ROOT}$1 -f",
    'RewriteRule "^(.+?\\.php)(/.*)?$" - [L]',
    'RewriteRule "\\.php(/|$)" - [R=404]',
];

/** And so are paths of no file. */
const FRONT_CONTROLLER = [
    "RewriteCond %{DOCUMENT_ROOT}$0 !-f",
    "RewriteCond %{DOCUMENT_ROOT}$0 !-d",
    'RewriteRule "^.*$" "/index.php" [PT]',
];
