import { WordPress } from "../../../src/index.ts";
import { endpoint, hosts, refusesWrong } from "../../support/refusals.ts";

const blog = {
    hosts: hosts("a", "b"),
    release: { archive: "nowhere.tar.gz", sha256: "0".repeat(64), public: "wordpress" },
    url: "https://blog.example",
    title: 'The captain\'s "log"',
    admin: { user: "captain", email: "captain@example.com" },
    database: { servers: hosts("db"), endpoint: endpoint("db") },
};
refusesWrong(WordPress, "blog", [
    ["nothing at all", {}, ["url", "title", "admin", "database", "release", "placement"]],
    ["an address with a path", { ...blog, url: "https://blog.example/blog" }, ["url"]],
    ["an address with a quote", { ...blog, url: "https://blog.example'" }, ["url"]],
    ["no title", { ...blog, title: " " }, ["title"]],
    ["an administrator without an address", { ...blog, admin: { user: "captain" } }, ["admin.email"]],
    [
        "a database of other members",
        { ...blog, database: { ...blog.database, endpoint: endpoint("c") } },
        ["database.servers", "database.servers"],
    ],
    [
        "one port for writes and for reads",
        { ...blog, database: { ...blog.database, port: 3307 } },
        ["database.readPort"],
    ],
    ["hosts without PHP", { ...blog, php: false }, ["php"]],
    ["files of its own", { ...blog, files: { "x.php": "" } }, ["files"]],
    ["editors somewhere", { ...blog, editors: "there" }, ["editors"]],
    ["an object cache that is none", { ...blog, objectCache: { servers: blog } }, ["objectCache.servers"]],
    [
        "an object cache whose servers let one of the hosts in",
        {
            ...blog,
            release: { folder: "test/recorded" },
            objectCache: { servers: { hosts: hosts("c"), port: 11211, clients: ["b"] } },
        },
        ["objectCache.servers"],
    ],
    [
        "memory for servers that are there",
        {
            ...blog,
            objectCache: { memory: 32, servers: { hosts: hosts("c"), port: 11211, clients: ["a", "b"] } },
        },
        ["objectCache.memory"],
    ],
    ["no PHP workers", { ...blog, phpWorkers: 0 }, ["phpWorkers"]],
    ["a name with a quote", blog, ["name"], "it's"],
]);
