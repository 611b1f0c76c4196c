import { expect, test } from "vitest";
import { wordsAfter } from "../../support/roleTexts.ts";

/**
 * Files that are not evenkeel's by their names: a package brings them, or a person made them. Where one is there already and
 * is not the package's own text, the role is refused in words; with the last role it comes back. Those that leave out what
 * the package's text includes are nginx.conf and apache2.conf (sites-enabled, modules-enabled and their like) and haproxy.cfg, nftables.conf,
 * keepalived.conf, corosync.conf and www.conf, which hold all there is.
 */
test("the files of others that roles put theirs in place of", () => {
    const paths = ["file", "template", "secret"].flatMap(wordsAfter);
    expect([...new Set(paths)].filter((path) => !path.includes("evenkeel")).sort()).toMatchInlineSnapshot(`
      [
        "/etc/apache2/apache2.conf",
        "/etc/corosync/authkey",
        "/etc/corosync/corosync.conf",
        "/etc/default/garb",
        "/etc/default/haproxy",
        "/etc/glusterfs/glusterd.vol",
        "/etc/haproxy/haproxy.cfg",
        "/etc/keepalived/keepalived.conf",
        "/etc/memcached.conf",
        "/etc/mysql/tls/ca.pem",
        "/etc/mysql/tls/cert.pem",
        "/etc/mysql/tls/key.pem",
        "/etc/nftables.conf",
        "/etc/nftables.d/90-ssh.nft",
        "/etc/nginx/nginx.conf",
        "/etc/php/8.2/fpm/pool.d/www.conf",
        "/usr/lib/ssl/glusterfs.ca",
        "/usr/lib/ssl/glusterfs.key",
        "/usr/lib/ssl/glusterfs.pem",
      ]
    `);
});
