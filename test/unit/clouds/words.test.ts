import { globSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { CloudName } from "../../../src/clouds/cloud.ts";

/** A cloud's own: its adaptor, and programs for hosts, one file a cloud behind one interface. */
const OWN = new RegExp(
    String.raw`^src/(clouds/|\w+/onhost/(anchor$|\w+_(${Object.values(CloudName).join("|")})\.))`,
);
/** What a person has to know about a token is told where it is given. */
const TOLD = ["src/acme/args.ts", "src/balancer/args.ts"];

test("what one cloud calls things stands in its own files, and nothing asks which cloud it is", () => {
    const files = globSync("src/**").filter((file) => statSync(file).isFile() && !OWN.test(file));
    expect(files.length).toBeGreaterThan(400);
    const words =
        /digitalocean|droplet|vultr|anchor_ipv4|reserved_ips|reserved-ips|\bcloud(Name)? [!=]== ["']/i;
    const spoken = files.flatMap((file) =>
        readFileSync(file, "utf8")
            .split("\n")
            .filter((line) => words.test(line) && !(TOLD.includes(file) && line.trimStart().startsWith("*")))
            .map((line) => `${file}: ${line.trim()}`),
    );
    expect(spoken).toEqual([]);
});

test("each cloud has the same programs for its hosts", () => {
    const programs = (cloud: string) =>
        globSync(`src/*/onhost/*_${cloud}.*`)
            .map((file) => basename(file).replace(cloud, "CLOUD"))
            .toSorted();
    for (const cloud of Object.values(CloudName))
        expect(programs(cloud)).toEqual(["acme_zones_CLOUD.py", "failover_CLOUD.bash"]);
});
