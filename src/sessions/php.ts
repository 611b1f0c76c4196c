import { check, claims, file, healthy, reports, type Step } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { LONGEST_REQUEST_S, PHP_VERSION } from "../web/php.ts";
import { SESSIONS_FOLDER, STORE_PATIENCE, STORE_TIMEOUT, storesBy } from "./settings.ts";

const HANDLER = "/usr/local/lib/evenkeel/session_handler.php";
const STATUS = "/usr/local/lib/evenkeel/session-status";

export const phpPackages = ["php-redis"];

export const phpPrograms = [
    "sessions/session_handler.php",
    "sessions/session_scripts.php",
    "sessions/session_store.php",
    "sessions/session-status",
];

/** The value of a role's input with the password of a pool. */
export const passwordValue = (pool: string) => `password-${pool}`;

export interface PhpSessionsSettings {
    /** The component's name. */
    store: string;
    /** Hosts with a store. */
    hosts: string[];
    port: number;
    /** Pools of PHP-FPM on this host, and the users that they run as. */
    pools: { pool: string; user: string }[];
}

/** The role of a host with PHP: its pools keep their sessions in the stores. Value `ca` of its input, and a password for each pool. */
export function phpSessionSteps({ store, hosts, port, pools }: PhpSessionsSettings): Step[] {
    const ca = `${SESSIONS_FOLDER}/${store}.pem`;
    const stores = storesBy(hosts, port);
    return [
        claims(pools.map(({ pool }) => `the sessions of ${pool}`)),
        file({ path: ca, text: "{{value ca}}", template: true }),
        ...pools.flatMap(({ pool, user }) => [
            file({
                path: settingsFile(pool),
                text: phpSettings({ pool, ca, stores }),
                mode: "640",
                owner: `root:${user}`,
                template: true,
            }),
            file({ path: fpmFile(pool), text: fpmPool(pool) }),
        ]),
        check(fpmFile(pools[0]!.pool), `php-fpm${PHP_VERSION} -t`),
        daemon(`php${PHP_VERSION}-fpm`, "reload"),
        ...pools.flatMap(({ pool, user }) => {
            const status = `runuser -u ${user} -- ${STATUS} ${settingsFile(pool)}`;
            return [
                healthy("a store answers", `${status} any`),
                reports(`sessions of ${pool}`, `${status} all`),
            ];
        }),
    ];
}

const settingsFile = (pool: string) => `${SESSIONS_FOLDER}/${pool}.php`;

/** Beside the pool's own file, with a name that no pool's file has. */
const fpmFile = (pool: string) => `/etc/php/${PHP_VERSION}/fpm/pool.d/sessions-${pool}.conf`;

/** PHP-FPM goes on with a section that it knows. */
const fpmPool = (pool: string) => `[${pool}]
php_admin_value[auto_prepend_file] = ${HANDLER}
env[EVENKEEL_SESSIONS] = ${settingsFile(pool)}
`;

interface HandlerSettings {
    pool: string;
    ca: string;
    stores: Record<string, { host: string; port: number }>;
}

/** A request's lock outlives the longest request, and another one of the same visitor waits for as long as it lives itself. */
const phpSettings = ({ pool, ca, stores }: HandlerSettings): string => `<?php
return [
    'site' => '${pool}',
    'user' => '${pool}',
    'password' => '{{value ${passwordValue(pool)}}}',
    'ca' => '${ca}',
    'timeout' => ${STORE_TIMEOUT},
    'patience' => ['none' => ${STORE_PATIENCE.none}, 'behind' => ${STORE_PATIENCE.behind}],
    'lockFor' => ${LONGEST_REQUEST_S + 5},
    'lockWait' => ${LONGEST_REQUEST_S - 5},
    'stores' => [
${Object.entries(stores)
    .map(([name, { host, port }]) => `        '${name}' => ['host' => '${host}', 'port' => ${port}],\n`)
    .join("")}    ],
];
`;
