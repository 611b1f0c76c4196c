import { describe, expect, test } from "vitest";
import {
    clusterConf,
    clusterInformation,
    pacemakerWatchConf,
} from "../../../src/balancer/pacemaker/information.ts";
import { MISSING, MOST_BALANCERS, STANDING, STEP } from "../../../src/balancer/points.ts";

const pair = { name: "lb", pair: ["lb-0", "lb-1"], virtualRouterId: 51 };
const virtual = { ...pair, virtualAddresses: ["10.0.0.100/24"] };

test("a pair that moves a reserved IP", () => {
    expect(clusterInformation(pair)).toMatchInlineSnapshot(`
      "<!-- Nobody can turn a host's power off here: whose the reserved IP is, the cloud says. The last host of all goes on. One that
           boots alone waits 5 s for another one. -->
      <cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
        <configuration>
          <crm_config>
            <cluster_property_set id="evenkeel">
              <nvpair id="evenkeel-stonith-enabled" name="stonith-enabled" value="false"/>
              <nvpair id="evenkeel-no-quorum-policy" name="no-quorum-policy" value="ignore"/>
              <nvpair id="evenkeel-dc-deadtime" name="dc-deadtime" value="5s"/>
              <nvpair id="evenkeel-pe-error-series-max" name="pe-error-series-max" value="20"/>
              <nvpair id="evenkeel-pe-warn-series-max" name="pe-warn-series-max" value="20"/>
              <nvpair id="evenkeel-pe-input-series-max" name="pe-input-series-max" value="20"/>
            </cluster_property_set>
          </crm_config>
          <nodes/>
          <resources>
            <primitive id="lb-address" class="ocf" provider="evenkeel" type="reserved-ip">
              <instance_attributes id="lb-address-given">
                <nvpair id="lb-address-given-conf" name="conf" value="/etc/evenkeel/balancers/lb/failover.conf"/>
              </instance_attributes>
              <meta_attributes id="lb-address-meta">
                <nvpair id="lb-address-meta-resource-stickiness" name="resource-stickiness" value="34"/>
                <nvpair id="lb-address-meta-failure-timeout" name="failure-timeout" value="30s"/>
              </meta_attributes>
              <operations>
                <op id="lb-address-start" name="start" interval="0s" timeout="30s"/>
                <op id="lb-address-stop" name="stop" interval="0s" timeout="30s"/>
                <op id="lb-address-monitor" name="monitor" interval="2s" timeout="30s"/>
              </operations>
            </primitive>
          </resources>
          <constraints>
            <rsc_location id="lb-on-lb-0" rsc="lb-address" node="lb-0" score="1000"/>
            <rsc_location id="lb-on-lb-1" rsc="lb-address" node="lb-1" score="997"/>
            <rsc_location id="lb-as-told" rsc="lb-address">
              <rule id="lb-as-told-points" score-attribute="lb-points">
                <expression id="lb-as-told-defined" attribute="lb-points" operation="defined"/>
              </rule>
            </rsc_location>
            <rsc_location id="lb-untold" rsc="lb-address">
              <rule id="lb-untold-never" score="-INFINITY">
                <expression id="lb-untold-undefined" attribute="lb-points" operation="not_defined"/>
              </rule>
            </rsc_location>
          </constraints>
        </configuration>
        <status/>
      </cib>
      "
    `);
});

test("an address of one's own is the established agent's", () => {
    const text = clusterInformation(virtual);
    expect(text).toContain('class="ocf" provider="heartbeat" type="IPaddr2"');
    expect(text).toContain('name="ip" value="10.0.0.100"');
    expect(text).toContain('name="cidr_netmask" value="24"');
    expect(text).not.toContain("reserved-ip");
});

describe("points", () => {
    const placesOf = (hosts: string[]) =>
        hosts.map((host) => {
            const text = clusterInformation({ ...pair, pair: hosts });
            return Number(new RegExp(`node="${host}" score="(\\d+)"`).exec(text)?.[1]);
        });
    const hosts = Array.from({ length: MOST_BALANCERS }, (_, i) => `lb-${i}`);
    // What HAProxy takes off, as in onhost/watch.
    const WITHOUT_HAPROXY = 3 * MISSING;

    test("fall from the first host to the last; standing outweighs places, and what is missing both", () => {
        const places = placesOf(hosts);
        expect(places).toEqual(places.toSorted((one, other) => other - one));
        const [best = 0, worst = 0] = [places[0], places.at(-1)];
        expect(best - worst).toBe(STEP * (MOST_BALANCERS - 1));
        expect(worst + STANDING).toBeGreaterThan(best);
        expect(best + STANDING - MISSING).toBeLessThan(worst);
        // With HAProxy and nothing else a host is worth more than one without it.
        expect(best + STANDING - WITHOUT_HAPROXY).toBeLessThan(worst - 2 * MISSING);
    });

    test("are never below zero, where Pacemaker would start nothing", () => {
        expect(placesOf(hosts).at(-1)! - WITHOUT_HAPROXY - 2 * MISSING).toBeGreaterThan(0);
    });

    test("of a host stay what they are when another one comes", () => {
        expect(placesOf(["lb-0", "lb-1", "lb-2"]).slice(0, 2)).toEqual(placesOf(["lb-0", "lb-1"]));
    });
});

test("what `watch` and `cluster` go by", () => {
    expect(pacemakerWatchConf({ ...virtual, failBackDelay: 60 })).toMatchInlineSnapshot(`
      "READY_ADDRESS=127.0.51.1
      READY_PORT=8404
      WEIGHT=68
      FOLDER=/run/evenkeel-watch-lb
      BONUS=34
      FAIL_BACK_S=60
      POINTS=lb-points
      MARK=10.0.0.100
      VRRP_LINK=evenkeel-vr51
      "
    `);
    expect(clusterConf({ ...pair, host: "lb-0" }, "true")).toMatchInlineSnapshot(`
      "HOSTS=(lb-0 lb-1)
      RESOURCE=lb-address
      POINTS=lb-points
      LEFT=lb-left-vrrp
      MARK=169.254.51.100
      FOLDER=/run/evenkeel-watch-lb
      VRRP_LINK=evenkeel-vr51
      RING_ADDRESS={{address lb-0}}
      RING_PORT=5405
      PROBE='true'
      "
    `);
    expect(clusterConf({ ...virtual, host: "lb-0" }, "true")).toContain("MARK=10.0.0.100\n");
});
