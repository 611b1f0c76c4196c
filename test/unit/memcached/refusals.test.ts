import { Memcached } from "../../../src/index.ts";
import { hosts, placement, refusesWrong } from "../../support/refusals.ts";

const cache = { placement, clients: hosts("web-0") };
refusesWrong(Memcached, "cache", [
    ["nothing at all", {}, ["clients", "placement"]],
    ["a client twice", { ...cache, clients: hosts("a", "a") }, ["clients[1].name"]],
    ["no memory", { ...cache, memory: 0 }, ["memory"]],
    ["memory without end", { ...cache, memory: Number.POSITIVE_INFINITY }, ["memory"]],
    ["memory in words", { ...cache, memory: "64M" }, ["memory"]],
    ["the port of SSH", { ...cache, port: 22 }, ["port"]],
    ["an argument of another spelling", { ...cache, client: [] }, ["client"]],
    ["a name with a line break", cache, ["name"], "ca\nche"],
]);
