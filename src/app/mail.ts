import type { MailRelay } from "./args.ts";
import { appFolder, secretFile } from "./environment.ts";

export interface MailSettings extends Required<Pick<MailRelay, "host" | "port" | "from" | "tls">> {
    user: string | undefined;
    hasPassword: boolean;
}

const SUBMISSION = 587;

export const mailSettings = ({
    host,
    port = SUBMISSION,
    user,
    password,
    from,
    tls = true,
}: MailRelay): MailSettings => ({ host, port, user, from, tls, hasPassword: password !== undefined });

/** What a relay's password is called among the secrets. */
export const MAIL_PASSWORD = "mail.password";

export const mailFile = (app: string) => `${appFolder(app)}/msmtprc`;

/** What PHP hands a mail to. */
export const sendmail = (app: string) => `/usr/bin/msmtp -C ${mailFile(app)} -t -i`;

/** PHP's settings where no pool of PHP-FPM gives them. */
export const mailIni = (app: string) => `sendmail_path = "${sendmail(app)}"\n`;

const TLS_AT_ONCE = 465;

/** For msmtp: it asks the relay while mail() waits. */
export const msmtprc = (app: string, { host, port, user, from, tls }: MailSettings) => `defaults
syslog LOG_MAIL
timeout 20

account default
host ${host}
port ${port}
from ${from}
${
    tls
        ? `tls on
tls_starttls ${port === TLS_AT_ONCE ? "off" : "on"}
tls_trust_file /etc/ssl/certs/ca-certificates.crt
`
        : ""
}${
    user === undefined
        ? ""
        : `auth on
user ${user}
passwordeval "cat ${secretFile(app, MAIL_PASSWORD)}"
`
}`;
