import timers from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { digitalocean } from "../../../local/plugins/digitalocean/provider.ts";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { retryWhile, waitFor } from "../../../local/plugins/kit/wait.ts";
import { vultr } from "../../../local/plugins/vultr/provider.ts";
import { type RecordedResource, recordedState, testCall } from "../../support/plugins.ts";
import { replay } from "../../support/replay.ts";

/** A clock that a pause moves on, and nothing else does. */
const clock = { ms: 0, pauses: [] as number[] };

beforeEach(() => {
    Object.assign(clock, { ms: 0, pauses: [] });
    vi.spyOn(Date, "now").mockImplementation(() => clock.ms);
    vi.spyOn(timers, "setTimeout").mockImplementation(async (ms = 0) => {
        clock.ms += ms;
        clock.pauses.push(ms / 1000);
        return undefined as never;
    });
    vi.stubEnv("EVENKEEL_OFFICIAL_WAITS", "1");
});

const wait = { call: testCall(), target: "done", pending: ["new"] };

test("a first look comes after ten seconds, and further ones slow down to ten", async () => {
    const states = ["new", "new", "new", "new", "done"];
    await waitFor({ ...wait, timeout: 3600, state: async () => states.shift() });
    expect(clock.pauses).toEqual([10, 3, 6, 10, 10]);
});

test("what does not come is waited for until its time is over, and no longer", async () => {
    const never = waitFor({ ...wait, timeout: 60, state: async () => "new" });
    await expect(never).rejects.toThrow("timeout while waiting for state to become 'done'");
    expect(clock.pauses).toEqual([10, 3, 6, 10, 10, 10, 10, 1]);
});

test("what is tried again is tried at once, and then more and more rarely", async () => {
    let refusals = 7;
    const attempt = async () => {
        if (refusals-- > 0) throw new Error("still has members");
    };
    await retryWhile(testCall(), 120, () => true, attempt);
    expect(clock.pauses).toEqual([0.5, 1, 2, 4, 8, 10, 10]);
});

test("without being asked for them nothing waits before its first look, and looks come at an even pace", async () => {
    vi.stubEnv("EVENKEEL_OFFICIAL_WAITS", "");
    const states = ["new", "new", "done"];
    await waitFor({ ...wait, timeout: 3600, state: async () => states.shift() });
    let refusals = 2;
    const attempt = async () => {
        if (refusals-- > 0) throw new Error("still has members");
    };
    await retryWhile(testCall(), 120, () => true, attempt);
    expect(clock.pauses).toEqual([0.25, 0.25, 0.5, 0.5]);
});

const recorded = recordedState("state-digitalocean-random-tls.json");
const entry = (wanted: (each: RecordedResource) => boolean) => recorded.find(wanted) as RecordedResource;
const resourceOf = ({ type }: RecordedResource) => digitalocean.resources[type] as Resource;

// Where all is as it should be at the first look, these are the waits that no cloud can shorten.
test("a droplet takes ten seconds to be made and twenty to go; an address thirteen", async () => {
    const droplet = entry(({ id }) => id === "1003");
    const assignment = entry(({ type }) => type.endsWith(":ReservedIpAssignment"));
    {
        await using _server = await replay("");
        await resourceOf(droplet).create(droplet.inputs, testCall());
        expect(clock.pauses.splice(0)).toEqual([10]);
        await resourceOf(assignment).create(assignment.inputs, testCall());
        expect(clock.pauses.splice(0)).toEqual([3, 10]);
    }
    await using _server = await replay("destroy");
    await resourceOf(droplet).delete?.(droplet.id, droplet.outputs, testCall());
    expect(clock.pauses).toEqual([10, 10]);
});

test("an instance takes twenty seconds to be made, ten for another plan, and none to go", async () => {
    const instances = recordedState("state-vultr.json").filter(({ type }) => type.endsWith(":Instance"));
    const { type, id, inputs, outputs } = instances[0] as RecordedResource;
    const instance = vultr.resources[type] as Resource;
    {
        await using _server = await replay("", "vultr");
        await instance.create(inputs, testCall());
        expect(clock.pauses.splice(0)).toEqual([10, 10]);
    }
    {
        await using _server = await replay("plan change", "vultr");
        await instance.update?.(id, outputs, { ...inputs, plan: "vc2-1c-2gb" }, testCall());
        expect(clock.pauses.splice(0)).toEqual([10]);
    }
    await using _server = await replay("destroy", "vultr");
    await instance.delete?.(id, outputs, testCall());
    expect(clock.pauses).toEqual([]);
});
