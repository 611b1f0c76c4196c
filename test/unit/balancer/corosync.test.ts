import fc from "fast-check";
import { expect, test } from "vitest";
import { corosyncConf, nodeIds } from "../../../src/balancer/pacemaker/corosync.ts";

test("a pair", () => {
    expect(corosyncConf({ name: "lb", hosts: ["lb-0", "lb-1"] })).toMatchInlineSnapshot(`
      "totem {
          version: 2
          cluster_name: lb
          # UDP from host to host, sealed and signed.
          transport: knet
          crypto_cipher: aes256
          crypto_hash: sha256
          # A host that dies is missed after 500 ms, and given up after 300 more.
          token: 500
          token_coefficient: 0
          consensus: 300
          interface {
              linknumber: 0
              mcastport: 5405
          }
      }

      nodelist {
          node {
              name: lb-0
              nodeid: 26414
              ring0_addr: {{address lb-0}}
          }
          node {
              name: lb-1
              nodeid: 47318
              ring0_addr: {{address lb-1}}
          }
      }

      quorum {
          provider: corosync_votequorum
      }

      system {
          # Where it may not be real-time, as in a container, it would leave its unit for the root's group.
          move_to_root_cgroup: no
      }

      logging {
          to_stderr: no
          to_logfile: no
          to_syslog: yes
      }
      "
    `);
});

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/), {
    minLength: 1,
    maxLength: 12,
});

test("a host's number is its own, within what knet takes: order does not change it", () => {
    fc.assert(
        fc.property(names, (hosts) => {
            const ids = nodeIds(hosts);
            expect(new Set(ids.values()).size).toBe(hosts.length);
            expect(nodeIds(hosts.toReversed())).toEqual(ids);
            for (const id of ids.values()) {
                expect(id).toBeGreaterThan(0);
                expect(id).toBeLessThan(65_536);
            }
        }),
    );
});

test("the text is the same on all hosts, whatever their order; another host adds its node", () => {
    const pair = corosyncConf({ name: "lb", hosts: ["b", "a"] });
    expect(pair).toBe(corosyncConf({ name: "lb", hosts: ["a", "b"] }));
    const three = corosyncConf({ name: "lb", hosts: ["a", "b", "c"] }).split("\n");
    const lost = pair.split("\n").filter((line) => !three.includes(line));
    // Two may agree sooner than three.
    expect(lost.map((line) => line.trim().split(" ")[0])).toEqual(["#", "consensus:"]);
    expect(three).toContain("        ring0_addr: {{address c}}");
});
