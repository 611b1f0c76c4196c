/** The nginx of one pair on one host, apart from that of web pools: a reload of one is none of the other. */
export const nginxUnit = (pair: string) => `evenkeel-nginx@${pair}`;

/** What asks its backends how they are. */
export const healthUnit = (pair: string) => `evenkeel-nginx-health@${pair}`;

export const nginxFolder = (pair: string) => `/etc/evenkeel/balancers/${pair}`;

/** What the role says; the program beside it fills in who is down. */
export const nginxFile = (pair: string) => `${nginxFolder(pair)}/nginx.conf`;

/** Of /run nothing outlives a boot. */
export const runFolder = (pair: string) => `/run/evenkeel-nginx-${pair}`;

/** Where it answers as HAProxy does on its sockets. */
export const monitorSocket = (pair: string) => `${runFolder(pair)}/monitor.sock`;

export const nginxCertificate = (pair: string, listener: string, i: number) =>
    `${nginxFolder(pair)}/${listener}-${i}.pem`;
