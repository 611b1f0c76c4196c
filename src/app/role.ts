import { check, claims, file, healthy, reports, type Step, secret } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { PHP_VERSION } from "../web/php.ts";
import type { AppJob } from "./args.ts";
import { appFolder, environmentOf, fpmEnvironment, fpmFile, PROGRAM, secretFile } from "./environment.ts";
import { jobSettings, jobSteps } from "./jobs.ts";
import { MAIL_PASSWORD, type MailSettings, mailFile, mailIni, msmtprc, sendmail } from "./mail.ts";

export const mailPackages = ["ca-certificates", "msmtp"];

/** Who asks the database whose turn it is. */
export const turnPackages = ["python3-pymysql"];

export const appPrograms = [
    "app/app_process.py",
    "app/app_turn.py",
    "app/web-app",
    "hosts/calendar_slots.py",
];

export interface WebAppSettings {
    /** The component's name. */
    name: string;
    host: string;
    pool: {
        phpPool: string;
        user: string;
        /** The folder of the application. */
        root: string;
        port: number;
    };
    environment: Record<string, string>;
    /** Names of secrets, each a value of the role's input. */
    secrets: string[];
    database?: { optionFile: string; schema: string } | undefined;
    healthPath?: string | undefined;
    setup?: string[] | undefined;
    jobs: AppJob[];
    mail?: MailSettings | undefined;
}

/** The value of a role's input with a secret. */
export const secretValue = (name: string) => `secret-${name}`;

/** The role of one host of the application's pool; value `version` of its input is that of the pool's files. */
export function webAppSteps(settings: WebAppSettings): Step[] {
    const { name, host, pool, secrets, healthPath, setup, jobs, mail } = settings;
    const { phpPool, user, port } = pool;
    const environment = environmentOf(name, settings.environment, secrets);
    const fpm = fpmFile(name);
    const health = `curl -fsS -m 20 -o /dev/null http://${host}:${port}${healthPath}`;
    return [
        claims([`the application of ${phpPool}`]),
        file({
            path: `${appFolder(name)}/app.json`,
            text: `${JSON.stringify(programSettings(settings, environment), null, 2)}\n`,
            mode: "640",
            owner: `root:${user}`,
        }),
        file({ path: `${appFolder(name)}/version`, text: "{{value version}}\n", template: true }),
        ...secrets.map((each) => secret(secretFile(name, each), secretValue(each), "640", `root:${user}`)),
        ...(mail ? mailSteps(name, user, mail) : []),
        file({ path: fpm, text: fpmEnvironment(phpPool, environment, mail && sendmail(name)) }),
        check(fpm, `php-fpm${PHP_VERSION} -t`),
        daemon(`php${PHP_VERSION}-fpm`, "reload"),
        ...(setup ? [healthy("its setup has been run", `${PROGRAM} ${name} setup`)] : []),
        ...(healthPath
            ? [
                  healthy("the application answers", health),
                  reports(`application ${name}`, `${health} -w well`),
              ]
            : []),
        ...jobSteps(name, jobs),
    ];
}

/** What onhost/web-app goes by. */
function programSettings(
    { name, pool, database, setup, jobs, mail }: WebAppSettings,
    environment: Record<string, string>,
) {
    return {
        app: name,
        user: pool.user,
        root: pool.root,
        environment,
        phpSettings: mail ? `${appFolder(name)}/php` : null,
        ...database,
        ...(setup ? { setup } : {}),
        jobs: jobSettings(jobs),
    };
}

function mailSteps(app: string, user: string, mail: MailSettings): Step[] {
    const owner = `root:${user}`;
    return [
        ...(mail.hasPassword ? [secret(secretFile(app, MAIL_PASSWORD), MAIL_PASSWORD, "640", owner)] : []),
        file({ path: mailFile(app), text: msmtprc(app, mail), mode: "640", owner }),
        file({ path: `${appFolder(app)}/php/mail.ini`, text: mailIni(app) }),
    ];
}
