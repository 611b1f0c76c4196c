import { describe, expect, test } from "vitest";
import { nginxConfig, nginxSite } from "../../../src/web/nginx.ts";
import { phpPool } from "../../../src/web/php.ts";

const site = {
    pool: "web",
    host: "web-0",
    port: 80,
    documentRoot: "/srv/shop",
    healthPath: "/healthz",
    maxUpload: 20,
    trustedProxies: ["10.0.0.0/8"],
};

test("a site with PHP", () => {
    const php = { socket: "/run/php/shop.sock", healthSocket: "/run/php/shop-health.sock" };
    expect(nginxSite({ ...site, pool: "web-shop", php })).toMatchInlineSnapshot(`
      "geo $realip_remote_addr $proxy_of_web_shop {
          default 0;
          10.0.0.0/8 1;
      }
      map "$proxy_of_web_shop $http_x_forwarded_proto" $https_of_web_shop {
          "1 https" on;
      }
      map $https_of_web_shop $scheme_of_web_shop {
          default http;
          on https;
      }

      server {
          listen web-0:80;
          server_name _;
          root /srv/shop;
          index index.php index.html;
          client_max_body_size 20m;
          # The visitor's scheme, name and port are the balancer's, not this server's.
          absolute_redirect off;
          set_real_ip_from 10.0.0.0/8;
          real_ip_header X-Forwarded-For;
          real_ip_recursive on;

          location = /healthz {
              access_log off;
              default_type text/plain;
              # Planned work on the host: balancers are to send nobody here (hosts/onhost/planned-work).
              if (-e /run/evenkeel-drained) { return 503; }
              include /etc/nginx/fastcgi.conf;
              fastcgi_param SCRIPT_FILENAME ping;
              fastcgi_param SCRIPT_NAME /ping;
              fastcgi_read_timeout 1s;
              fastcgi_pass unix:/run/php/shop-health.sock;
          }
          # Hidden files are nobody's business, except what RFC 8615 puts there.
          location ~ /\\.(?!well-known/) {
              return 404;
          }
          location ~ \\.php(/|$) {
              fastcgi_split_path_info ^(.+?\\.php)(/.*)?$;
              set $path_info $fastcgi_path_info;
              try_files $fastcgi_script_name =404;
              include /etc/nginx/fastcgi.conf;
              fastcgi_param PATH_INFO $path_info;
              fastcgi_param HTTPS $https_of_web_shop if_not_empty;
              fastcgi_param REQUEST_SCHEME $scheme_of_web_shop;
              fastcgi_buffer_size 32k;
              fastcgi_buffers 16 16k;
              fastcgi_read_timeout 65s;
              fastcgi_pass unix:/run/php/shop.sock;
          }
          # What editors, archives and databases leave behind, and sources that nothing runs here.
          location ~* (~|\\.(bak|dump|inc|old|orig|phar|php\\d?|phps|phtml|save|sql|sw[op])(\\.(bz2|gz|xz|zip|zst))?)$ {
              return 404;
          }
          location / {
              try_files $uri $uri/ /index.php$is_args$args;
          }
      }
      "
    `);
});

describe("folders that PHP writes", () => {
    const php = { socket: "a", healthSocket: "b" };
    const text = nginxSite({ ...site, php, written: ["wp-content/up.loads"] });

    test("are looked at before anything is run", () => {
        const [refused, run] = [text.indexOf("location ~* ^/wp-content"), text.indexOf("location ~ \\.php")];
        expect(refused).toBeGreaterThan(0);
        expect(run).toBeGreaterThan(refused);
    });

    const [, pattern] = /location ~\* (\^\/wp-content\S+) \{/.exec(text)!;
    const refuses = (path: string) => new RegExp(pattern!, "i").test(path);

    test.each([
        "x.php",
        "2026/11/x.php",
        "x.PHP",
        "x.php/y",
        "x.php/y.jpg",
        "a\nb/x.php",
        ".php",
        "x.phtml",
        "x.php7",
        "x.phar",
    ])("%s is not run", (path) => expect(refuses(`/wp-content/up.loads/${path}`)).toBe(true));
    test.each([
        "/wp-content/up.loads/picture.jpg",
        "/wp-content/up.loads/x.php.txt",
        "/wp-content/upxloads/x.php",
        "/index.php/wp-content/up.loads/x.php",
    ])("%s is not meant", (path) => expect(refuses(path)).toBe(false));
});

test("of a release PHP gets the folder behind the link, in place of the link", () => {
    const php = { socket: "a", healthSocket: "b" };
    const text = nginxSite({ ...site, php, current: "/srv" });
    expect(text).toMatch(
        /include \/etc\/nginx\/fastcgi\.conf;\n +fastcgi_param SCRIPT_FILENAME \$realpath_root\$fastcgi_script_name;\n +fastcgi_param DOCUMENT_ROOT \$realpath_root;/,
    );
    expect(nginxSite({ ...site, php })).not.toContain("realpath_root");
});

test("another extension is another text: PHP-FPM is reloaded for it", () => {
    const sizing = { workers: 4, memoryLimit: 96, maxUpload: 20, server: "nginx", settings: {} };
    const of = (extensions: string[]) => phpPool("shop", { ...sizing, user: "site-shop", extensions });
    expect(of(["gd", "intl"])).toMatch(/^; With the extensions gd, intl\.\n\[evenkeel-shop\]/);
    expect(of([])).not.toContain("extensions");
});

test("without PHP nothing of it is served, and a path of no file is none", () => {
    const text = nginxSite(site);
    expect(text).not.toMatch(/fastcgi|index\.php/);
    expect(text).toContain("try_files $uri $uri/ =404;");
    expect(text).toContain('return 200 "ok\\n";');
});

test("static files are kept by their names where they are files; nothing that PHP answers is", () => {
    expect(nginxSite(site)).not.toContain("expires");
    const php = { socket: "/run/php/shop.sock", healthSocket: "/run/php/shop-health.sock" };
    const text = nginxSite({ ...site, pool: "web-shop", php, staticMaxAge: 3600 });
    const [, pattern, time] = /^map \$uri \$expires_of_web_shop \{\n +default off;\n +~\*(\S+) (\S+);$/m.exec(
        text,
    )!;
    expect(time).toBe("3600s");
    const names = new RegExp(pattern!, "i");
    for (const name of ["/a.css", "/b/a.min.js", "/A.JPG", "/a.jpeg", "/a.woff", "/a.woff2", "/favicon.ico"])
        expect(name).toMatch(names);
    for (const name of ["/", "/index.html", "/a.css.php", "/a.php", "/css", "/xcss", "/a.json", "/a.pdf"])
        expect(name).not.toMatch(names);
    // Files are served there; what is none goes on to where PHP runs, and takes nothing of it along.
    const places = text.split("location ").filter((place) => place.includes("expires"));
    expect(places.slice(1)).toEqual([expect.stringMatching(/^\/ \{\n +expires \$expires_of_web_shop;/)]);
});

test("pages are kept for visitors without cookies, or without some; those of another release are others", () => {
    expect(nginxSite(site)).not.toContain("fastcgi_cache");
    const php = { socket: "/run/php/shop.sock", healthSocket: "/run/php/shop-health.sock" };
    const kept = { ...site, pool: "web-shop", php };
    const any = nginxSite({ ...kept, pageCache: { seconds: 60 } });
    expect(any).toContain('map $http_cookie $own_pages_of_web_shop {\n    default 1;\n    "" 0;\n}');
    expect(any).toContain("fastcgi_cache_valid 200 301 404 60s;");
    expect(any).not.toContain("$realpath_root");
    const all = nginxSite({ ...kept, pageCache: { seconds: 60, unlessCookies: [] } });
    expect(all).toContain("map $http_cookie $own_pages_of_web_shop {\n    default 0;\n}");
    const some = nginxSite({
        ...kept,
        current: "/var/www/web-shop/current",
        pageCache: { seconds: 60, unlessCookies: ["wordpress_", "a.b"] },
    });
    expect(some).toContain('fastcgi_cache_key "$realpath_root $request_method ');
    const [, pattern] = /^ +"~(.*)" 1;$/m.exec(some)!;
    for (const own of ["wordpress_x=1", "a=1; wordpress_logged_in=2", "a.b=1"])
        expect(own).toMatch(new RegExp(pattern!));
    for (const none of ["", "xwordpress_=1", "a=wordpress_1", "axb=1"])
        expect(none).not.toMatch(new RegExp(pattern!));
});

test("what is packed says so to those who keep it, and comes to visitors behind proxies, too", () => {
    for (const line of ["gzip on", "gzip_vary on", "gzip_proxied any", "gzip_min_length 1000"])
        expect(nginxConfig).toContain(`    ${line};\n`);
    expect(nginxConfig).toMatch(/^ +gzip_types .*text\/css .*application\/javascript .*image\/svg\+xml/m);
});

test("PHP takes as much of a request as nginx does, and says that it lives", () => {
    const settings = {
        "date.timezone": "Europe/Berlin",
        max_input_vars: 5000,
        display_errors: false,
        "highlight.html": "; on [a] = #000",
    };
    expect(
        phpPool("shop", {
            user: "site-shop",
            extensions: [],
            workers: 4,
            memoryLimit: 96,
            maxUpload: 20,
            server: "nginx",
            settings,
        }),
    ).toMatchInlineSnapshot(`
      "[evenkeel-shop]
      user = site-shop
      listen = /run/php/evenkeel-shop.sock
      listen.owner = www-data
      listen.group = www-data
      listen.mode = 0660
      ; Small hosts have better use for the memory of processes that wait.
      pm = ondemand
      pm.max_children = 4
      pm.process_idle_timeout = 60s
      ; What leaks is forgotten.
      pm.max_requests = 500
      request_terminate_timeout = 60s
      php_admin_value[memory_limit] = 96M
      ; nginx has the same limit, and tells of it.
      php_admin_value[post_max_size] = 20M
      php_admin_value[upload_max_filesize] = 20M
      php_value[session.save_path] = /var/lib/evenkeel/sites/shop/sessions
      ; Debian's own timer sees to other folders.
      php_value[session.gc_probability] = 1
      php_admin_value[sys_temp_dir] = /var/lib/evenkeel/sites/shop/tmp
      php_admin_value[upload_tmp_dir] = /var/lib/evenkeel/sites/shop/tmp
      ; All pools have one cache of compiled code: who may not read a file does not get it from there either.
      php_admin_flag[opcache.validate_permission] = on
      php_admin_value[date.timezone] = "Europe/Berlin"
      php_admin_value[max_input_vars] = 5000
      php_admin_flag[display_errors] = off
      php_admin_value[highlight.html] = "; on [a] = #000"

      [evenkeel-shop-health]
      user = site-shop
      listen = /run/php/evenkeel-shop-health.sock
      listen.owner = www-data
      listen.group = www-data
      listen.mode = 0660
      pm = static
      pm.max_children = 1
      ping.path = /ping
      ping.response = ok
      "
    `);
});
