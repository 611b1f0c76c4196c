import type { DatabaseConnection } from "../database/database.ts";
import { PHP_VERSION } from "../web/php.ts";

/** What runs something as an application on its hosts. */
export const PROGRAM = "/usr/local/lib/evenkeel/web-app";

/** Where a host has what is one application's. */
export const appFolder = (app: string) => `/etc/evenkeel/apps/${app}`;

export const secretFile = (app: string, name: string) => `${appFolder(app)}/${name}`;

/** What a database's password is called among the secrets. */
export const DB_PASSWORD = "DB_PASSWORD";

/** What a connection tells, under the names that most frameworks read. */
export const databaseEnvironment = ({ host, port, readPort, schema, user }: DatabaseConnection) => ({
    DB_HOST: host,
    DB_PORT: String(port),
    DB_READ_PORT: String(readPort),
    DB_DATABASE: schema,
    DB_USERNAME: user,
});

/** All that an application is told: what is plain, and where its secrets are. */
export const environmentOf = (
    app: string,
    plain: Record<string, string>,
    secrets: string[],
): Record<string, string> => ({
    ...plain,
    ...Object.fromEntries(secrets.map((name) => [`${name}_FILE`, secretFile(app, name)])),
});

/** Beside the pool's own file, with a name that no pool's file has. */
export const fpmFile = (app: string) => `/etc/php/${PHP_VERSION}/fpm/pool.d/app-${app}.conf`;

/** PHP-FPM goes on with a section that it knows. */
export function fpmEnvironment(pool: string, environment: Record<string, string>, sendmail?: string): string {
    const lines = Object.entries(environment).map(([name, value]) => `env[${name}] = "${value}"\n`);
    return `[${pool}]\n${lines.join("")}${sendmail === undefined ? "" : `php_admin_value[sendmail_path] = "${sendmail}"\n`}`;
}
