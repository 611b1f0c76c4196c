import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { DatabaseEndpoint, Host, Placement } from "../../src/index.ts";

/** Arguments that are right, to make one of them wrong. */
export const privateKey = "-----BEGIN OPENSSH PRIVATE KEY-----";
export const hostKey = "ssh-ed25519 AAAA";
export const placement: Placement = {
    cloud: "digitalocean",
    region: "fra1",
    network: "n",
    sshKey: "1",
    privateKey: pulumi.secret(privateKey),
    tag: "t",
};

/** A host of one's own; each letter has an address. */
export function host(name: string, change: Partial<Host> = {}): Host {
    const address = `10.0.0.${[...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 254, 0) + 1}`;
    const connection = { host: address, privateKey: pulumi.secret(privateKey), hostKey };
    return { name, privateAddress: address, connection, ...change };
}

export const hosts = (...names: string[]) => names.map((name) => host(name));

/** Such as others refer to. */
export function peer(name: string): Pick<Host, "name" | "privateAddress"> {
    const { privateAddress } = host(name);
    return { name, privateAddress };
}

export function endpoint(...members: string[]): DatabaseEndpoint {
    const ca = "-----BEGIN CERTIFICATE-----";
    return {
        kind: "galera",
        name: "db",
        members: members.map(peer),
        port: 3306,
        gatePort: 3309,
        healthPort: 9200,
        ca,
        maxConnections: 80,
    };
}

/** What is said about which property; nothing may have been registered by then. */
export async function problemsOf(make: () => unknown): Promise<{ propertyPath: string; reason: string }[]> {
    let registered = 0;
    const newResource = () => {
        registered++;
        return { id: "x", state: {} };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) });
    try {
        make();
    } catch (error) {
        if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
        await pulumi.runtime.disconnect();
        expect(registered).toBe(0);
        return error.errors;
    }
    throw new Error("was accepted");
}

/** A program, and what is said about which of its properties. */
export type Told = [title: string, make: () => unknown, problems: string[]];

export function refuses(cases: Told[]): void {
    test.each(cases)("refused before anything is registered: %s", async (_title, make, problems) => {
        const found = await problemsOf(make);
        expect(found.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`)).toEqual(problems);
    });
}

type Component = new (name: string, args: never) => unknown;

/**
 * A component with arguments as no TypeScript lets them through, from JavaScript or YAML, and the properties that are named:
 * all that are wrong, and no other.
 */
export type Wrong = [title: string, args: unknown, paths: string[], name?: unknown];

export function refusesWrong(Component: Component, name: string, cases: Wrong[]): void {
    test.each(cases)(`a ${Component.name} is refused: %s`, async (_title, args, paths, called = name) => {
        const found = await problemsOf(() => new Component(called as string, args as never));
        expect(found.map(({ propertyPath }) => propertyPath)).toEqual(paths);
        for (const { reason } of found) expect(reason).not.toMatch(/undefined|\[object|Calling \[/);
    });
}
