import * as pulumi from "@pulumi/pulumi";
import { type AcmeSettings, acmeBundles } from "../../acme/settings.ts";
import { file, type Step, secret } from "../../hosts/roleText.ts";
import { databaseCa, databaseCaValue, httpName, maintenanceFile, tcpName } from "../frontends.ts";
import type { HttpListener, TcpListener } from "../listeners.ts";
import { bundle, certificateFile, certificateValue, crtList } from "../tls.ts";

/** What HAProxy reads besides its configuration: certificates, and the pages that it shows itself. */
export function listenerFiles(pair: string, http: HttpListener[], acme: AcmeSettings | undefined): Step[] {
    return http.flatMap((listener) => {
        const name = httpName(pair, listener);
        const { tls, maintenancePage } = listener;
        const files = (tls?.certificates ?? []).map((_, i) => certificateFile(name, i));
        const bundles = tls?.acme && acme ? acmeBundles(acme) : [];
        return [
            ...files.map((path, i) => secret(path, certificateValue(name, i))),
            ...(tls ? [file({ path: crtList(name), text: `${[...files, ...bundles].join("\n")}\n` })] : []),
            ...(maintenancePage === undefined
                ? []
                : [file({ path: maintenanceFile(pair, listener), text: maintenancePage })]),
        ];
    });
}

/** The authorities of the databases that listeners lead to. */
export const databaseFiles = (pair: string, tcp: TcpListener[]): Step[] =>
    databasesOf(pair, tcp).map(([name]) =>
        file({ path: databaseCa(name), text: `{{value ${databaseCaValue(name)}}}`, template: true }),
    );

/** The same, as a role's values. */
export const databaseValues = (pair: string, tcp: TcpListener[]): Record<string, pulumi.Input<string>> =>
    Object.fromEntries(databasesOf(pair, tcp).map(([name, { ca }]) => [databaseCaValue(name), ca]));

const databasesOf = (pair: string, tcp: TcpListener[]) =>
    tcp.flatMap((listener) =>
        listener.database ? [[tcpName(pair, listener), listener.database] as const] : [],
    );

/** The certificates with their keys, as a role's values. */
export function certificateValues(
    pair: string,
    http: HttpListener[],
    checked: (at: string, certificate: string, privateKey: string) => void,
): Record<string, pulumi.Output<string>> {
    const values = http.flatMap((listener, i) =>
        (listener.tls?.certificates ?? []).map(({ certificate, privateKey }, j) => {
            const text = pulumi.all([certificate, privateKey]).apply(([certificate, privateKey]) => {
                checked(`http[${i}].tls.certificates[${j}]`, certificate, privateKey);
                return bundle(certificate, privateKey);
            });
            return [certificateValue(httpName(pair, listener), j), pulumi.secret(text)] as const;
        }),
    );
    return Object.fromEntries(values);
}
