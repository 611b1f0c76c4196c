import type { Flagship } from "./flagship.ts";

/** Where the ACME server is, as the balancers name it. */
export const DIRECTORY = "https://web-0:14000/dir";
const HOST = "web-0";
const FOLDER = "/var/lib/pebble";

const CONFIG = {
    pebble: {
        listenAddress: "0.0.0.0:14000",
        certificate: `${FOLDER}/server.pem`,
        privateKey: `${FOLDER}/server.key`,
        httpPort: 80,
        tlsPort: 443,
    },
};

/**
 * Pebble, an ACME server as Debian has it, on a web host; all names lead to the pair's address by a DNS of its own. Gives the
 * authority of its own certificate, in PEM form.
 */
export async function startPebble(site: Flagship): Promise<string> {
    await site.on(HOST, "apt-get install -y --no-install-recommends pebble >/dev/null");
    await site.on(
        HOST,
        `set -e; mkdir -p ${FOLDER}; cd ${FOLDER}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=pebble 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=${HOST} 2>/dev/null
echo subjectAltName=DNS:${HOST} >names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.pem 2>/dev/null
echo '${JSON.stringify(CONFIG)}' >config.json
systemd-run -q --unit=pebble-dns pebble-challtestsrv -defaultIPv4 ${site.address} -defaultIPv6 '' -dns01 127.0.0.1:8053 -http01 '' -https01 '' -tlsalpn01 '' -management 127.0.0.1:8055
systemd-run -q --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 pebble -config ${FOLDER}/config.json -dnsserver 127.0.0.1:8053
nft add rule inet evenkeel input tcp dport 14000 accept`,
    );
    return site.on(HOST, `cat ${FOLDER}/ca.pem`);
}

export const stopPebble = (site: Flagship) =>
    site.on(
        HOST,
        `systemctl stop pebble pebble-dns; systemctl reset-failed pebble pebble-dns 2>/dev/null
systemctl reload nftables; apt-get purge -y pebble >/dev/null; rm -rf ${FOLDER}`,
    );
