import { SessionStore } from "../../../src/index.ts";
import { hosts, refusesWrong } from "../../support/refusals.ts";

const pool = { hosts: hosts("web-0", "web-1"), phpPool: "evenkeel-web", user: "site-web" };
const two = { hosts: hosts("a", "b"), pools: [pool] };
refusesWrong(SessionStore, "sessions", [
    ["nothing at all", {}, ["pools", "placement"]],
    ["a store on no host", { ...two, hosts: [] }, ["hosts"]],
    ["one store, not meant", { ...two, hosts: hosts("a") }, ["hosts"]],
    ["two, with one meant", { ...two, singlePointOfFailure: true }, ["singlePointOfFailure"]],
    ["more than a page can write to", { ...two, hosts: hosts(..."abcdef") }, ["hosts"]],
    ["the same host twice", { ...two, hosts: hosts("a", "a") }, ["hosts[1].name"]],
    ["no pool", { ...two, pools: [] }, ["pools"]],
    ["a pool without PHP", { ...two, pools: [{ hosts: pool.hosts }] }, ["pools[0]"]],
    ["a pool twice", { ...two, pools: [pool, pool] }, ["pools[1]"]],
    ["hosts in place of a pool", { ...two, pools: hosts("web-0") }, ["pools[0]"]],
    ["no memory", { ...two, memory: 0 }, ["memory"]],
    ["memory in words", { ...two, memory: "64M" }, ["memory"]],
    ["the port of SSH", { ...two, port: 22 }, ["port"]],
    ["an argument of another spelling", { ...two, pool: [pool] }, ["pool"]],
    ["a name with a quote", two, ["name"], "it's"],
]);
