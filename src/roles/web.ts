import { check, content, file, firewall, healthy, roleText, service } from "../hosts/roleText.ts";
import { nginxConfig, nginxSite } from "../services/nginx.ts";
import type { Blob } from "../services/siteFiles.ts";

export interface WebSettings {
    documentRoot: string;
    texts: Record<string, string>;
    blobs: Blob[];
    port: number;
    healthPath: string;
}

/** The role of one web host: the site's files, then nginx. */
export function webText(host: string, { documentRoot, texts, blobs, port, healthPath }: WebSettings): string {
    const site = "/etc/nginx/conf.d/evenkeel.conf";
    const carried = blobs.filter(({ path }) => !(path in texts));
    return roleText("web", host, [
        ...carried.map(({ path, sha256 }) => content(`${documentRoot}/${path}`, sha256)),
        ...Object.entries(texts).map(([path, text]) => file({ path: `${documentRoot}/${path}`, text })),
        firewall([`ip daddr ${host} tcp dport ${port} accept`]),
        file({ path: "/etc/nginx/nginx.conf", text: nginxConfig }),
        file({ path: site, text: nginxSite({ host, port, documentRoot, healthPath }) }),
        check(site, "nginx -t -q"),
        service("nginx", "reload"),
        healthy("nginx answers", `curl -fsS -m 2 -o /dev/null http://${host}:${port}${healthPath}`),
    ]);
}
