import { describe, expect, test } from "vitest";
import { apacheSite } from "../../../src/web/apache.ts";
import { ALWAYS, APACHE_MODULES, withNeeded } from "../../../src/web/apacheModules.ts";
import { rules } from "../../../src/web/apacheRules.ts";
import { apacheConfig } from "../../../src/web/apacheServer.ts";
import { nginxSite } from "../../../src/web/nginx.ts";

const site = {
    pool: "web",
    host: "web-0",
    port: 80,
    documentRoot: "/srv/shop",
    healthPath: "/healthz",
    maxUpload: 20,
    trustedProxies: ["10.0.0.0/8"],
};
const php = { socket: "/run/php/shop.sock", healthSocket: "/run/php/shop-health.sock" };

test("a site with PHP", () => {
    const text = apacheSite({ ...site, pool: "shop", php });
    expect(text.slice(text.indexOf("Listen"))).toMatchInlineSnapshot(`
      "Listen {{address web-0}}:80
      <VirtualHost {{address web-0}}:80>
          DocumentRoot /srv/shop
          <Directory /srv/shop>
              Require all granted
              CGIPassAuth On
          </Directory>
          CustomLog /var/log/apache2/access.log visitors "expr=%{REQUEST_URI} != '/healthz'"
          RemoteIPHeader X-Forwarded-For
          RemoteIPInternalProxy 10.0.0.0/8
          AllowEncodedSlashes NoDecode
          RewriteEngine On
          RewriteRule "^" - [E=proxy-sendcl:1]
          # Planned work on the host: balancers are to send nobody here (hosts/onhost/planned-work).
          RewriteCond /run/evenkeel-drained -f
          RewriteRule "^/healthz$" - [R=503]
          RewriteRule "^/healthz$" - [L]
          # A body that goes on to PHP has no other limit, and one that does not tell its length would have none.
          RewriteCond expr "%{req_novary:Content-Length} -gt 20971520"
          RewriteRule "^" - [R=413]
          RewriteCond expr "-n %{req_novary:Transfer-Encoding}"
          RewriteRule "^" - [R=411]
          # Hidden files are nobody's business, except what RFC 8615 puts there.
          RewriteRule "/\\.(?!well-known/)" - [R=404]
          RewriteCond %{DOCUMENT_ROOT}$0index.php -f
          RewriteRule "^/(.*/)?$" "/$1index.php" [PT]
          RewriteCond %{DOCUMENT_ROOT}$0index.html -f
          RewriteRule "^/(.*/)?$" "/$1index.html" [PT]
          # Nobody is told what else is in a folder.
          RewriteCond %{DOCUMENT_ROOT}$0 -d
          RewriteRule "^.*/$" - [F]
          RewriteCond %{DOCUMENT_ROOT}$1 -f
          RewriteRule "^(.+?\\.php)(/.*)?$" - [L]
          RewriteRule "\\.php(/|$)" - [R=404]
          # What editors, archives and databases leave behind, and sources that nothing runs here.
          RewriteRule "(?i)(~|\\.(bak|dump|inc|old|orig|phar|php\\d?|phps|phtml|save|sql|sw[op])(\\.(bz2|gz|xz|zip|zst))?)$" - [R=404]
          RewriteCond %{DOCUMENT_ROOT}$0 !-f
          RewriteCond %{DOCUMENT_ROOT}$0 !-d
          RewriteRule "^.*$" "/index.php" [PT]
          RewriteCond %{REQUEST_METHOD} "!^(GET|HEAD)$"
          RewriteRule "^" - [R=405]
          <If "%{REQUEST_URI} !~ m#/$# && -d '%{DOCUMENT_ROOT}%{REQUEST_URI}'">
              RedirectRelative On
              Redirect 301 "%{REQUEST_URI}/"
          </If>
          <Proxy "unix:/run/php/shop.sock|fcgi://shop/">
              ProxySet retry=0 timeout=65
          </Proxy>
          <FilesMatch "\\.php$">
              SetHandler "proxy:unix:/run/php/shop.sock|fcgi://shop/"
              # With a filter a body is read as a whole, though its length is known (proxy-sendcl).
              SetInputFilter BUFFER
          </FilesMatch>
          ProxyFCGISetEnvIf "true" PATH_INFO "%{PATH_INFO}"
          ProxyFCGISetEnvIf "(%{CONN_REMOTE_ADDR} -ipmatch '10.0.0.0/8') && %{req_novary:X-Forwarded-Proto} == 'https'" HTTPS "on"
          ProxyFCGISetEnvIf "(%{CONN_REMOTE_ADDR} -ipmatch '10.0.0.0/8') && %{req_novary:X-Forwarded-Proto} == 'https'" REQUEST_SCHEME "https"
          ProxyFCGISetEnvIf "true" DOCUMENT_ROOT "/srv/shop"
          ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "/srv/shop%{reqenv:SCRIPT_NAME}"
          ProxyFCGISetEnvIf "true" !CONTEXT_DOCUMENT_ROOT
          ProxyFCGISetEnvIf "true" !PATH_TRANSLATED
          ProxyFCGISetEnvIf "true" !EVENKEEL_RELEASE
          ProxyFCGISetEnvIf "true" !proxy-sendcl
          # What serves the pages is asked, not Apache alone.
          <Proxy "unix:/run/php/shop-health.sock|fcgi://shop-health/">
              ProxySet retry=0 timeout=1
          </Proxy>
          <LocationMatch "^/healthz$">
              SetHandler "proxy:unix:/run/php/shop-health.sock|fcgi://shop-health/"
              ProxyFCGISetEnvIf "true" SCRIPT_NAME "/ping"
              ProxyFCGISetEnvIf "true" SCRIPT_FILENAME "ping"
          </LocationMatch>
      </VirtualHost>
      "
    `);
});

test("what all sites of a host have in common", () => {
    expect(apacheConfig).toMatchInlineSnapshot(`
      "# Debian's own choice of modules and sites (mods-enabled, conf-enabled, sites-enabled, ports.conf) is not read.
      Include mods-available/mpm_event.load
      Include mods-available/alias.load
      Include mods-available/authz_core.load
      Include mods-available/deflate.load
      Include mods-available/filter.load
      Include mods-available/headers.load
      Include mods-available/mime.load
      Include mods-available/remoteip.load
      Include mods-available/reqtimeout.load
      Include mods-available/rewrite.load

      User www-data
      Group www-data
      DefaultRuntimeDir /run/apache2
      PidFile /run/apache2/apache2.pid
      ServerName localhost
      ServerTokens Prod
      ServerSignature Off
      TraceEnable Off

      StartServers 2
      ServerLimit {{megabytes 2/8}}
      ThreadLimit 32
      ThreadsPerChild 32
      MinSpareThreads 32
      MaxSpareThreads 128
      MaxRequestWorkers {{megabytes 25/32}}
      GracefulShutdownTimeout 30

      Timeout 60
      # Longer than balancers keep a connection on which nothing is asked.
      KeepAliveTimeout 65
      MaxKeepAliveRequests 0
      RequestReadTimeout header=20-40,MinRate=500 body=60,MinRate=500
      # A cookie has up to 4 kB, and a site several.
      LimitRequestFieldSize 32768
      LimitRequestLine 32768
      # An answer of PHP's leaves its process free when it fits in here, however slow the visitor is.
      FlushMaxThreshold 262144
      EnableSendfile On
      # A file that is made shorter while it is served would end the process.
      EnableMMAP Off
      # Without inodes: those are each host's own.
      FileETag MTime Size

      TypesConfig /etc/mime.types
      # What nobody knows is not for browsers to guess.
      Header set Content-Type application/octet-stream "expr=-z %{CONTENT_TYPE} && %{HANDLER} == ''"

      # For proxies before the balancers, too; what they keep goes to those alone who take it. Less than 1000 bytes fit into one packet as they are.
      FilterDeclare packed CONTENT_SET
      FilterProvider packed DEFLATE "%{CONTENT_TYPE} =~ m#^(text/html|text/css|text/javascript|text/plain|text/xml|application/javascript|application/json|application/ld\\+json|application/manifest\\+json|application/rss\\+xml|application/atom\\+xml|application/xml|application/vnd\\.ms-fontobject|image/svg\\+xml|image/x-icon)(;|$)# && (-z %{resp:Content-Length} || %{resp:Content-Length} -ge 1000)"
      FilterChain packed
      # A packed answer has a tag of its own, by which an application would not know it again.
      RequestHeader edit* If-None-Match "-gzip\\"" "\\""

      # To a gate: when, status, seconds, and "-" where PHP was not asked.
      LogFormat "%{end:sec}t.%{end:msec_frac}t %>s %{us}Te-6 %R" gate
      LogFormat "%a %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" visitors
      ErrorLog /var/log/apache2/error.log
      LogLevel warn

      <Directory />
          # Releases are behind a link, and so is what they share.
          Options FollowSymLinks
          AllowOverride None
          Require all denied
      </Directory>

      IncludeOptional /etc/apache2/evenkeel/*.conf
      "
    `);
});

describe("modules", () => {
    const loaded = (settings: object) =>
        [...apacheSite({ ...site, ...settings }).matchAll(/Include mods-available\/(\w+)\.load/g)].map(
            ([, module]) => module,
        );

    test("are those that the site needs, each unless another site has it", () => {
        expect(loaded({})).toEqual([]);
        expect(loaded({ php })).toEqual(["proxy", "proxy_fcgi", "buffer"]);
        expect(loaded({ staticMaxAge: 60 })).toEqual(["expires"]);
        expect(apacheSite({ ...site, staticMaxAge: 60 })).toMatch(
            /^<IfModule !expires_module>\n {4}Include mods-available\/expires.load\n {4}IncludeOptional mods-available\/expires.conf\n<\/IfModule>\n/,
        );
    });

    test("come with those that they need, and none is there twice", () => {
        expect(withNeeded(["proxy_html", "lbmethod_byrequests", "rewrite"])).toEqual([
            "proxy",
            "xml2enc",
            "proxy_html",
            "slotmem_shm",
            "proxy_balancer",
            "lbmethod_byrequests",
        ]);
        expect(withNeeded(["ssl", "auth_form"])).toEqual([
            "setenvif",
            "socache_shmcb",
            "ssl",
            "session",
            "authn_core",
            "auth_form",
        ]);
        expect(APACHE_MODULES).toEqual(expect.arrayContaining(ALWAYS.filter((each) => each !== "mpm_event")));
        expect(new Set(APACHE_MODULES).size).toBe(APACHE_MODULES.length);
        for (const each of withNeeded([...APACHE_MODULES])) expect(APACHE_MODULES).toContain(each);
    });

    test("answer at a path of their own where they have one", () => {
        const text = apacheSite({ ...site, php, apacheModules: ["status"] });
        expect(text).toContain('RewriteRule "^/server-status$" - [L]');
        expect(text.indexOf("server-status")).toBeLessThan(text.indexOf('"/index.php"'));
    });
});

test("the same paths are refused as with nginx, and run as with nginx", () => {
    const written = ["wp-content/up.loads"];
    const others = nginxSite({ ...site, php, written });
    const own = rules({ ...site, php, written }).join("\n");
    const patterns = [...others.matchAll(/location (~\*?) (\S+) \{/g)].map(([, kind, pattern]) =>
        kind === "~*" ? `(?i)${pattern}` : pattern!,
    );
    expect(patterns).toHaveLength(4);
    for (const pattern of patterns) expect(own).toContain(`RewriteRule "${pattern}" - [R=404]`);
    const places = patterns.map((pattern) => own.indexOf(pattern));
    expect(places[1]).toBeLessThan(places[2]!);
});

test("no folder's first page is run where nothing is", () => {
    const [condition] = rules({ ...site, php, written: ["up", "a/b.c"] }).filter((line) =>
        line.includes("[NC]"),
    );
    expect(condition).toBe('RewriteCond $0 "!^/(up|a/b[.]c)/" [NC]');
    expect(rules({ ...site, php }).join()).not.toContain("[NC]");
});

test("of a release PHP gets the folder behind the link, in place of the link", () => {
    const text = apacheSite({
        ...site,
        php,
        documentRoot: "/var/www/a/current/public",
        current: "/var/www/a/current",
    });
    expect(text).toContain(`    RewriteRule "^" - [E=EVENKEEL_RELEASE:/var/www/a/current]
    RewriteCond /var/www/a/current/.evenkeel-release -f
    RewriteCond expr "file('/var/www/a/current/.evenkeel-release') =~ /^(.+)$/"
    RewriteRule "^" - [E=EVENKEEL_RELEASE:%1]
`);
    expect(text).toContain('SCRIPT_FILENAME "%{reqenv:EVENKEEL_RELEASE}/public%{reqenv:SCRIPT_NAME}"');
    expect(apacheSite({ ...site, php })).not.toContain("E=EVENKEEL_RELEASE");
});

test("without PHP nothing of it is served, and a path of no file is none", () => {
    const text = apacheSite(site);
    expect(text).not.toMatch(/fcgi|index\.php/);
    expect(text).toContain('RewriteRule "^/healthz$" - [R=200]');
});

test("whoever asks from nowhere near a balancer says nothing of a visitor", () => {
    const text = apacheSite({ ...site, php, trustedProxies: ["10.0.0.0/8", "192.0.2.7"] });
    expect(text).toContain("    RemoteIPInternalProxy 10.0.0.0/8\n    RemoteIPInternalProxy 192.0.2.7\n");
    expect(text).toContain(
        `"(%{CONN_REMOTE_ADDR} -ipmatch '10.0.0.0/8' || %{CONN_REMOTE_ADDR} -ipmatch '192.0.2.7') && %{req_novary:X-Forwarded-Proto} == 'https'" HTTPS "on"`,
    );
});

test("a gate is told of each request, but for health checks", () => {
    const log = "/var/log/apache2/evenkeel-web-gate.log";
    expect(apacheSite({ ...site, gateLog: log })).toContain(
        `    CustomLog ${log} gate "expr=%{REQUEST_URI} != '/healthz'"\n`,
    );
    expect(apacheSite(site)).not.toContain("gate");
    expect(apacheConfig).toContain('LogFormat "%{end:sec}t.%{end:msec_frac}t %>s %{us}Te-6 %R" gate\n');
});

test("static files are kept by their names", () => {
    expect(apacheSite(site)).not.toContain("Expires");
    expect(apacheSite({ ...site, staticMaxAge: 3600 })).toMatch(
        /<FilesMatch "\(\?i\)\\\.\(avif\|css\|.*\)\$">\n +ExpiresActive On\n +ExpiresDefault "access plus 3600 seconds"/,
    );
});
