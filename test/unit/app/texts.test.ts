import { expect, test } from "vitest";
import { environmentOf, fpmEnvironment } from "../../../src/app/environment.ts";
import { mailSettings, msmtprc } from "../../../src/app/mail.ts";
import { wpConfig } from "../../../src/wordpress/config.ts";

test("a secret is a file, and its variable leads there", () => {
    const environment = environmentOf("shop", { APP_ENV: "production" }, ["KEY"]);
    expect(fpmEnvironment("evenkeel-web", environment)).toBe(`[evenkeel-web]
env[APP_ENV] = "production"
env[KEY_FILE] = "/etc/evenkeel/apps/shop/KEY"
`);
});

test("mail goes by STARTTLS, at once by TLS on 465, and in plain only where that is said", () => {
    const relay = { host: "smtp.example", from: "a@example.com" };
    const lines = (more = {}) => msmtprc("shop", mailSettings({ ...relay, ...more }));
    expect(lines()).toContain("port 587\n");
    expect(lines()).toContain("tls_starttls on");
    expect(lines({ port: 465 })).toContain("tls_starttls off");
    expect(lines({ tls: false })).not.toContain("tls");
    expect(lines({ user: "me", password: "word" })).toMatch(/auth on\nuser me\npasswordeval "cat .*"\n/);
    expect(lines({ user: "me", password: "word" })).not.toContain("word\n");
});

test("WordPress finds itself below the folder of its archive, and knows by its address whether it has TLS", () => {
    const config = wpConfig({ url: "https://blog.example", public: "wordpress" });
    expect(config).toContain("define('ABSPATH', __DIR__ . '/wordpress/');");
    expect(config).toContain("define('FORCE_SSL_ADMIN', true);");
    expect(wpConfig({ url: "http://blog.example", public: undefined })).toContain("__DIR__ . '/');");
});
