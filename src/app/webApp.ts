import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { checkedLate, refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { inTurn, prepareHost } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { hostOnceReady } from "../hosts/onceReady.ts";
import type { WebAppArgs } from "./args.ts";
import { DB_PASSWORD, databaseEnvironment } from "./environment.ts";
import { MAIL_PASSWORD, mailSettings } from "./mail.ts";
import { appPrograms, mailPackages, secretValue, turnPackages, webAppSteps } from "./role.ts";
import { environmentValue, mailPassword, secretText, webAppArguments } from "./validate.ts";

/** An application in PHP on a web pool: what it is told, its secrets, its work by the clock, and its mail. */
export class WebApp extends pulumi.ComponentResource {
    /** The pool's hosts, for balancers: whoever uses them waits until the application is well on each. */
    readonly hosts: Host[];

    constructor(name: string, args: WebAppArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("WebApp", name, args, webAppArguments);
        claimPlaces(name, args);
        super("evenkeel:index:WebApp", name, recordedArgs(args), opts);
        const { pool, database, mail } = args;
        const child = { parent: this };
        const secrets = secretsOf(name, args);
        const environment = environmentOf(name, args);
        const values = {
            version: pool.version,
            ...Object.fromEntries(Object.entries(secrets).map(([key, value]) => [secretValue(key), value])),
            ...mailSecret(name, args),
        };
        const needs = {
            packages: [...(database ? turnPackages : []), ...(mail ? mailPackages : [])],
            programs: appPrograms,
        };
        const steps = (host: string) =>
            environment.apply((plain) =>
                webAppSteps({
                    ...settingsOf(name, args, host),
                    environment: plain,
                    secrets: Object.keys(secrets),
                }),
            );

        const ready = pool.hosts.map((host) => prepareHost(name, host, needs, child));
        const roles = inTurn(ready, ({ host, ready: prepared }, before) =>
            applyRole(
                host,
                { component: name, kind: "app", steps: steps(host.name), hosts: [host], values },
                { ...child, dependsOn: [prepared, ...before] },
            ),
        );
        this.hosts = pool.hosts.map((host, i) => hostOnceReady(host, roles[i]!));
        this.registerOutputs({ hosts: this.hosts });
    }
}

function claimPlaces(name: string, { pool }: WebAppArgs): void {
    const hosts = pool.hosts.map((host) => host.name);
    claim("WebApp", name, hosts, [
        { propertyPath: "pool", thing: `the application of ${pool.phpPool}` },
        // Files and units on hosts go by it.
        { propertyPath: "name", thing: `the application ${name}` },
    ]);
}

function environmentOf(name: string, { environment = {}, database }: WebAppArgs) {
    const own = Object.entries(environment).map(([key, value]) => [
        key,
        checkedLate("WebApp", name, `environment.${key}`, environmentValue, value),
    ]);
    return pulumi.all({
        ...(Object.fromEntries(own) as Record<string, pulumi.Output<string>>),
        ...(database ? databaseEnvironment(database) : {}),
    });
}

function secretsOf(
    name: string,
    { secrets = {}, database }: WebAppArgs,
): Record<string, pulumi.Output<string>> {
    const all = { ...secrets, ...(database ? { [DB_PASSWORD]: database.password } : {}) };
    return Object.fromEntries(
        Object.entries(all).map(([key, value]) => [
            key,
            pulumi.secret(checkedLate("WebApp", name, `secrets.${key}`, secretText, value)),
        ]),
    );
}

function mailSecret(name: string, { mail }: WebAppArgs): Record<string, pulumi.Output<string>> {
    if (mail?.password === undefined) return {};
    const password = checkedLate("WebApp", name, "mail.password", mailPassword, mail.password);
    return { [MAIL_PASSWORD]: pulumi.secret(password) };
}

const settingsOf = (
    name: string,
    { pool, database, healthPath, setup, jobs = [], mail }: WebAppArgs,
    host: string,
) => ({
    name,
    host,
    pool: { phpPool: pool.phpPool!, user: pool.user!, root: pool.root, port: pool.port },
    database: database && { optionFile: database.optionFile, schema: database.schema },
    healthPath,
    setup,
    jobs,
    mail: mail && mailSettings(mail),
});

/** Names of what is secret, and of the pool: what is recorded is plain. */
const recordedArgs = ({ pool, secrets, database, mail, ...rest }: WebAppArgs): pulumi.Inputs => ({
    ...rest,
    pool: pool.phpPool,
    ...(secrets ? { secrets: Object.keys(secrets) } : {}),
    ...(database ? { database: database.schema } : {}),
    ...(mail ? { mail: mail.host } : {}),
});
