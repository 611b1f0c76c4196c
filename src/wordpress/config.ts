import { posix } from "node:path";
import { onHost } from "../hosts/programs.ts";

/** Letters of each of the eight keys and salts. */
const SALT = 64;
export const SALTS = 8 * SALT;

/** Names of the secrets. */
export const SALTS_NAME = "WORDPRESS_SALTS";
export const ADMIN_PASSWORD = "WORDPRESS_ADMIN_PASSWORD";

const CONSTANTS = [
    "AUTH_KEY",
    "SECURE_AUTH_KEY",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "AUTH_SALT",
    "SECURE_AUTH_SALT",
    "LOGGED_IN_SALT",
    "NONCE_SALT",
];

export interface WordPressSettings {
    url: string;
    /** The folder of the release that is served. */
    public: string | undefined;
}

/** wp-config.php, the same on all hosts: of what is secret it has the places alone. WordPress finds it above its own folder, too. */
export const wpConfig = ({ url, public: folder = "" }: WordPressSettings) => `<?php
$secret = fn (string $name) => file_get_contents(getenv("{$name}_FILE"));
define('DB_NAME', getenv('DB_DATABASE'));
define('DB_USER', getenv('DB_USERNAME'));
define('DB_PASSWORD', $secret('DB_PASSWORD'));
define('DB_HOST', getenv('DB_HOST') . ':' . getenv('DB_PORT'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

$salts = str_split($secret('${SALTS_NAME}'), ${SALT});
foreach (['${CONSTANTS.join("', '")}'] as $i => $name) {
    define($name, $salts[$i]);
}
unset($secret, $salts);

define('WP_HOME', '${url}');
define('WP_SITEURL', '${url}');
define('FORCE_SSL_ADMIN', ${url.startsWith("https:")});
// Plugins, themes and WordPress itself come with the release.
define('DISALLOW_FILE_MODS', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
// A job of all hosts runs it, on one at a time.
define('DISABLE_WP_CRON', true);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/${folder && `${folder}/`}');
}
require_once ABSPATH . 'wp-settings.php';
`;

/** Of the release's folder, by its `public`. */
export const within = (folder: string | undefined, path: string) => posix.join(folder ?? "", path);

/** What takes the place of WordPress' own object cache. */
export const objectCacheFiles = (folder: string | undefined): Record<string, string> =>
    Object.fromEntries(
        ["object-cache", "object-cache-kept", "object-cache-servers"].map((file) => [
            within(folder, `wp-content/${file}.php`),
            onHost(`wordpress/${file.replaceAll("-", "_")}.php`),
        ]),
    );
