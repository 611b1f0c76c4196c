import fc from "fast-check";
import { expect, test } from "vitest";
import {
    type KeepalivedSettings,
    keepalivedConfig,
    keepalivedInstance,
} from "../../../src/balancer/keepalived/config.ts";
import { linkAddress, renderVrrpLink } from "../../../src/balancer/keepalived/vrrpLink.ts";
import { masterMark } from "../../../src/balancer/reservedIp.ts";
import { watchConf } from "../../../src/balancer/watch.ts";
import { hostAddress } from "../../../src/hosts/names.ts";

const hosts = ["lb-0", "lb-1"];
const pair = { name: "lb", group: "lb", hosts, virtualRouterId: 51 };

test("a pair that moves a reserved IP", () => {
    expect(keepalivedInstance({ ...pair, host: "lb-0" })).toMatchInlineSnapshot(`
      "track_file lb-standing {
          file "/run/evenkeel-watch-lb/standing"
          weight 1
      }

      track_file lb-watched {
          file "/run/evenkeel-watch-lb/watched"
          weight 1
      }

      vrrp_instance lb {
          state BACKUP
          # Version 3 for adverts more often than once a second.
          version 3
          advert_int 0.2
          down_timer_adverts 3
          virtual_router_id 51
          priority 219
          # Added to it: 34 for who has the address, so that it stays there; -68 without a gateway, -68 without backends.
          track_file {
              lb-standing
              lb-watched
          }
          notify "/usr/local/lib/evenkeel/standing /run/evenkeel-watch-lb 34"
          # In UDP, from host to host: clouds carry no multicast, and their firewalls no VRRP.
          interface evenkeel-vr51
          unicast_src_ip 169.254.51.18
          unicast_peer {
              169.254.51.19
              # Hosts that have left the pair, while they run still.
              include /run/evenkeel-vrrp-link-lb/left
          }
          unicast_fault_no_peer
          virtual_ipaddress {
              # Only the mark of the master; the reserved IP is the cloud's to route.
              169.254.51.100/32 dev lo
          }
          # The link itself is up whatever lies under it.
          track_interface {
              {{interface lb-0}}
          }
          track_script {
              haproxy
          }
          notify_master "/usr/local/lib/evenkeel/failover assign /etc/evenkeel/balancers/lb/failover.conf"
          # After a one-way cut the master has never been anything else: only this tells it that another took the IP.
          notify_master_rx_lower_pri "/usr/local/lib/evenkeel/failover confirm /etc/evenkeel/balancers/lb/failover.conf"
      }
      "
    `);
});

test("what the pairs of a host have in common", () => {
    expect(keepalivedConfig).toMatchInlineSnapshot(`
      "global_defs {
          # Scripts run as root, and only if nobody else can write them.
          script_user root
          enable_script_security
          # Adverts come from the group's hosts, or they are not heard.
          vrrp_check_unicast_src
          # The configuration is checked before the VRRP link is there.
          dynamic_interfaces
          # Stands above a busy processor. Not real-time: RLIMIT_RTTIME kills a VRRP process that computes for 10 ms.
          vrrp_priority -20
          # A host that swaps stays master: 29 MB locked, 3 to 10 MB resident (measured).
          vrrp_no_swap
      }

      vrrp_script haproxy {
          # 2.2.7 counts whole seconds. The script looks three times in each, and decides after two misses.
          script "/usr/local/lib/evenkeel/check-haproxy 8404 /alive"
          interval 1
          # Not 1: on a busy host the script's own 0.7 s can become that, and the host gives up (seen).
          timeout 2
          rise 2
          fall 1
      }

      include /etc/keepalived/evenkeel/*.conf
      "
    `);
});

test("a group of three that carries an address itself and takes it back", () => {
    const settings = {
        name: "lb",
        group: "lb",
        host: "lb-1",
        hosts: [...hosts, "lb-2"],
        virtualRouterId: 7,
        virtualAddress: "10.0.0.10/24",
        failBackDelay: 60,
    };
    expect(keepalivedInstance(settings)).toMatchInlineSnapshot(`
      "track_file lb-standing {
          file "/run/evenkeel-watch-lb/standing"
          weight 1
      }

      track_file lb-watched {
          file "/run/evenkeel-watch-lb/watched"
          weight 1
      }

      vrrp_instance lb {
          state BACKUP
          # Version 3 for adverts more often than once a second.
          version 3
          advert_int 0.2
          down_timer_adverts 3
          virtual_router_id 7
          priority 216
          # Added to it: 34 for who has the address, so that it stays there; -68 without a gateway, -68 without backends.
          track_file {
              lb-standing
              lb-watched
          }
          notify "/usr/local/lib/evenkeel/standing /run/evenkeel-watch-lb 34"
          # In UDP, from host to host: clouds carry no multicast, and their firewalls no VRRP.
          interface evenkeel-vr7
          unicast_src_ip 169.254.7.19
          unicast_peer {
              169.254.7.18
              169.254.7.20
              # Hosts that have left the pair, while they run still.
              include /run/evenkeel-vrrp-link-lb/left
          }
          unicast_fault_no_peer
          virtual_ipaddress {
              10.0.0.10/24 dev {{interface lb-1}}
          }
          # The link itself is up whatever lies under it.
          track_interface {
              {{interface lb-1}}
          }
          track_script {
              haproxy
          }
      }
      "
    `);
});

const settings: fc.Arbitrary<Omit<KeepalivedSettings, "host">> = fc.record(
    {
        hosts: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/), {
            minLength: 2,
            maxLength: 12,
        }),
        virtualRouterId: fc.integer({ min: 1, max: 255 }),
        // None of a link's own, 169.254.0.0/16: it is refused, and told apart from the hosts' here.
        virtualAddress: fc
            .ipV4()
            .filter((address) => hostAddress("virtualAddress", address).length === 0)
            .map((address) => `${address}/24`),
        failBackDelay: fc.integer({ min: 0, max: 1000 }),
        name: fc.constant("lb"),
        group: fc.constant("lb"),
    },
    { requiredKeys: ["name", "group", "hosts", "virtualRouterId"] },
);

/** What the standing gives, and what a watch takes, as a text tells. */
function weights(text: string): [number, number] {
    const [, bonus, missing] = /# Added to it: (\d+) for .*; -(\d+) without a gateway/.exec(text)!;
    expect(text).toMatch(new RegExp(`/standing /run/evenkeel-watch-lb ${bonus}"`));
    expect(watchConf({ group: "lb", virtualRouterId: 51 })).toContain(`WEIGHT=${missing}\n`);
    return [Number(bonus), Number(missing)];
}

const priorityOf = (text: string) => Number(/^ +priority (\d+)$/m.exec(text)?.[1]);

test("hosts of a group differ in interface, source, peers and priority only", () => {
    fc.assert(
        fc.property(settings, (group) => {
            const common = group.hosts.map((host) =>
                keepalivedInstance({ ...group, host })
                    .replaceAll(/\{\{interface [^}]+\}\}/g, "")
                    .replaceAll(/ +169\.254\.\d+\.\d+\n?/g, "")
                    .replace(/priority \d+$/m, "priority"),
            );
            expect(new Set(common).size).toBe(1);
        }),
    );
});

test("every host speaks to all others, and to nobody else", () => {
    fc.assert(
        fc.property(settings, (group) => {
            for (const host of group.hosts) {
                const text = keepalivedInstance({ ...group, host });
                const addresses = [...text.matchAll(/169\.254\.\d+\.\d+(?!\d*\/32)/g)].map(String);
                const speakers = [host, ...group.hosts.filter((peer) => peer !== host).toSorted()];
                expect(addresses).toEqual(speakers.map((each) => linkAddress({ ...group, host: each })));
            }
        }),
    );
});

test("priorities fall from the first host to the last; standing outweighs them, and what is missing outweighs both", () => {
    fc.assert(
        fc.property(settings, (group) => {
            const priorities = group.hosts.map((host) => priorityOf(keepalivedInstance({ ...group, host })));
            expect(priorities).toEqual([...priorities].sort((one, other) => other - one));
            expect(new Set(priorities).size).toBe(priorities.length);
            const [best = 0] = priorities;
            const [worst = 0] = priorities.toReversed();
            const [bonus, missing] = weights(keepalivedInstance({ ...group, host: group.hosts[0]! }));
            // Within VRRP's range, whatever is added to them.
            expect(best + bonus).toBe(253);
            expect(worst - 2 * missing).toBeGreaterThan(0);
            // Who has the address keeps it against the best place, and not against who is well.
            expect(worst + bonus).toBeGreaterThan(best);
            expect(best + bonus - missing).toBeLessThan(worst);
        }),
    );
});

test("a host added at the end changes no line of the others but their peers", () => {
    const before = keepalivedInstance({ ...pair, host: "lb-0" });
    const group = { ...pair, hosts: [...hosts, "lb-2"] };
    const after = keepalivedInstance({ ...group, host: "lb-0" });
    expect(after.replace(`        ${linkAddress({ ...group, host: "lb-2" })}\n`, "")).toBe(before);
});

test("a host alone speaks to nobody, and a second one changes no other line", () => {
    fc.assert(
        fc.property(settings, ({ hosts: [first = "", second = ""], ...group }) => {
            const peersOf = (text: string) =>
                /unicast_peer \{\n([^}#]*)\n +[#}]/.exec(text)?.[1]?.trim() ?? "";
            const [alone, both] = [[first], [first, second]].map((hosts) =>
                keepalivedInstance({ ...group, hosts, host: first }),
            ) as [string, string];
            const own = linkAddress({ ...group, hosts: [first], host: first });
            // Of two whose numbers are the same one gets another.
            fc.pre(linkAddress({ ...group, hosts: [first, second], host: first }) === own);
            expect(peersOf(alone)).toMatch(/^169\.254\.\d+\.6[12]$/);
            expect(peersOf(alone)).not.toBe(own);
            const withoutPeers = (text: string) => text.replace(/unicast_peer \{[^}]*\}/, "");
            expect(withoutPeers(alone)).toBe(withoutPeers(both));
        }),
    );
    expect(renderVrrpLink({ host: "lb-0", hosts: ["lb-0"], virtualRouterId: 51 })).toContain("PEERS=(\n)\n");
});

test("a host outside its group is an error", () => {
    expect(() => keepalivedInstance({ ...pair, host: "web-0" })).toThrow("web-0");
});

test("the mark of the master is a link-local address away from the metadata service", () => {
    expect(masterMark(51)).toBe("169.254.51.100/32");
});

test("the network of VRRP: every host's own number, and the others' with their addresses", () => {
    const group = [...hosts, "lb-2"];
    expect(renderVrrpLink({ host: "lb-1", hosts: group, virtualRouterId: 51 })).toMatchInlineSnapshot(`
      "ID=51
      LINK=evenkeel-vr51
      NUMBER=19
      ADDRESS={{address lb-1}}
      PEERS=(
          18={{address lb-0}}
          20={{address lb-2}}
      )
      "
    `);
});

test("a host's number on the link is its own: neither order nor another host changes it", () => {
    fc.assert(
        fc.property(settings, ({ hosts, virtualRouterId }) => {
            const addresses = hosts.map((host) => linkAddress({ host, hosts, virtualRouterId }));
            expect(new Set(addresses).size).toBe(hosts.length);
            const turned = hosts.toReversed();
            expect(hosts.map((host) => linkAddress({ host, hosts: turned, virtualRouterId }))).toEqual(
                addresses,
            );
            for (const address of addresses) expect(Number(address.split(".")[3])).toBeLessThan(63);
        }),
    );
});
