import * as pulumi from "@pulumi/pulumi";
import { WebApp } from "../../../src/index.ts";
import { hosts, refusesWrong } from "../../support/refusals.ts";

const pool = {
    hosts: hosts("web-0", "web-1"),
    phpPool: "evenkeel-web",
    user: "site-web",
    root: "/var/www/html",
    port: 80,
    version: pulumi.output("1"),
};
const database = {
    host: "127.0.0.1",
    port: 3306,
    readPort: 3307,
    schema: "shop",
    user: "shop",
    password: pulumi.secret("word"),
    clients: ["web-0", "web-1"],
    caFile: "/etc/evenkeel/endpoints/shop.pem",
    optionFile: "/etc/evenkeel/databases/shop.cnf",
};
const job = { name: "tick", schedule: "*:0/5", command: ["php", "tick.php"] };
const mail = { host: "smtp.example.com", from: "shop@example.com" };
const app = { pool, database };

refusesWrong(WebApp, "shop", [
    ["nothing at all", {}, ["pool"]],
    ["hosts without PHP", { pool: { ...pool, phpPool: undefined, user: undefined } }, ["pool"]],
    ["hosts in place of a pool", { pool: hosts("web-0") }, ["pool"]],
    ["a variable in small letters", { pool, environment: { app_env: "x" } }, ["environment"]],
    ["a value with a quote", { pool, environment: { TITLE: 'the "shop"' } }, ["environment.TITLE"]],
    ["a value of two lines", { pool, environment: { TITLE: "a\nb" } }, ["environment.TITLE"]],
    ["every program's own variable", { pool, environment: { PATH: "/x" } }, ["environment.PATH"]],
    ["the database's own variable", { pool, environment: { DB_HOST: "db" } }, ["environment.DB_HOST"]],
    ["a secret with a zero byte", { pool, secrets: { KEY: "a\0b" } }, ["secrets.KEY"]],
    ["one name twice", { pool, environment: { KEY_FILE: "/k" }, secrets: { KEY: "k" } }, ["secrets.KEY"]],
    ["a database of other hosts", { pool, database: { ...database, clients: ["web-0"] } }, ["database"]],
    ["a database itself", { pool, database: "shop" }, ["database"]],
    ["jobs without a database", { pool, jobs: [job] }, ["jobs"]],
    ["a setup without a database", { pool, setup: ["php", "setup.php"] }, ["setup"]],
    ["a setup in one text", { ...app, setup: "php setup.php" }, ["setup"]],
    ["a job that never runs", { ...app, jobs: [{ ...job, schedule: "now and then" }] }, ["jobs[0].schedule"]],
    ["two jobs of one name", { ...app, jobs: [job, job] }, ["jobs[1].name"]],
    ["a job without a program", { ...app, jobs: [{ ...job, command: [] }] }, ["jobs[0].command"]],
    ["no time for a job", { ...app, jobs: [{ ...job, timeout: 0 }] }, ["jobs[0].timeout"]],
    ["a relay without a sender", { pool, mail: { host: mail.host } }, ["mail.from"]],
    ["a user without a password", { pool, mail: { ...mail, user: "shop" } }, ["mail.password"]],
    [
        "a password in plain over the network",
        { pool, mail: { ...mail, user: "shop", password: "word", tls: false } },
        ["mail.tls"],
    ],
    ["a health path with a query", { pool, healthPath: "/?well" }, ["healthPath"]],
    ["an argument of another spelling", { pool, health: "/" }, ["health"]],
    ["a name with a quote", { pool }, ["name"], "it's"],
]);
