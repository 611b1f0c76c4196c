import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { power, pullPlug } from "../test/faults/hosts.ts";
import { settled } from "../test/faults/pair.ts";
import { certificate, certificateKey } from "../test/support/certificate.ts";
import { type Flagship, succeeded } from "../test/support/flagship.ts";
import { type Load, wrkDuring } from "./servingLoad.ts";

export type Change = [what: string, load: Load];

/** A pool whose files are a release, beside the flagship's own on the same hosts. */
export const RELEASED = `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    port: 8080,
    php: true,
    release: { folder: import.meta.dirname + "/pages", keep: 2 },
    files: { "index.php": "<?php echo 'version 1';" },
});

const lb =`;

/** What is lost on connections that stay open while something changes. */
export async function changing(site: Flagship, active: string): Promise<Change[]> {
    const rows: Change[] = [];
    const during = async (what: string, url: string, work: () => Promise<unknown>) => {
        const load = await wrkDuring(url, work);
        console.error(`${what}: ${load.lost} of ${load.requests} lost`);
        rows.push([what, load]);
    };
    const up = async (find: string, replace: string) => {
        site.edit(find, replace);
        succeeded(await site.stack.up());
    };
    const hosts = async (count: number) => {
        await site.stack.pulumi("config", "set", "webHosts", String(count));
        succeeded(await site.stack.up());
    };
    const secure = site.url.replace("http:", "https:");
    const released = site.url.replace(/\/?$/, ":8080/");

    await during("HAProxy is reloaded ten times", site.url, async () => {
        for (let i = 0; i < 10; i++) {
            await site.on(active, "systemctl reload haproxy");
            await sleep(800);
        }
    });
    await during("a listener's settings change by `pulumi up`", site.url, () =>
        up("{ port: 443,", "{ port: 443, timeout: 90,"),
    );
    const other = await anotherCertificate();
    await during("the certificate is another one by `pulumi up`, HTTPS", secure, () =>
        up(
            JSON.stringify({ certificate, privateKey: certificateKey }),
            JSON.stringify({ certificate: other.certificate, privateKey: other.privateKey }),
        ),
    );
    await during("a release is switched by `pulumi up`, PHP", released, () => up("version 1", "version 2"));
    await during("and rolled back by `npx evenkeel rollback`", released, async () => {
        succeeded(await site.stack.execute("npx", "evenkeel", "rollback", "app"));
    });
    await during("from 2 to 4 web hosts by `pulumi up`", site.url, () => hosts(4));
    await during("and back to 2", site.url, () => hosts(2));
    await during("one of two web hosts stops serving (nginx is stopped)", site.url, async () => {
        await site.on("web-1", "systemctl stop nginx");
        await sleep(10_000);
    });
    await site.on("web-1", "systemctl start nginx");
    await settled(site);
    await during("one of two web hosts loses its power", site.url, async () => {
        await pullPlug(site, "web-1");
        await sleep(10_000);
    });
    await power(site, "web-1", "on");
    return rows;
}

async function anotherCertificate(): Promise<{ certificate: string; privateKey: string }> {
    const { stdout } = await execa("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
        ...["-days", "90", "-subj", "/CN=www.example.com", "-addext", "subjectAltName=DNS:www.example.com"],
        ...["-keyout", "-", "-out", "-"],
    ]);
    const part = (name: string) =>
        new RegExp(`-----BEGIN ${name}-----[^-]+-----END ${name}-----`).exec(stdout)![0];
    return { certificate: `${part("CERTIFICATE")}\n`, privateKey: `${part("PRIVATE KEY")}\n` };
}
