import { literally } from "../hosts/pattern.ts";
import { number, object, optional, someOf, text } from "../hosts/shape.ts";
import type { PageCache } from "./args.ts";

/** What can be wrong with a `PageCache`. */
export const pageCache = object<PageCache>("what is kept of pages: `{ seconds }`", {
    seconds: number("a number of seconds", { from: 1, to: 86_400 }),
    unlessCookies: optional(
        someOf(
            "beginnings of cookies' names",
            text("the beginning of a cookie's name", /^[\w.-]{1,64}$/, 'write it as "wordpress_"'),
        ),
    ),
});

/** Where nginx keeps the pages of a pool. */
export const cacheFolder = (pool: string) => `/var/lib/nginx/evenkeel-${pool}`;

/** What is said once for a site: where pages are kept, and which visitors get pages of their own. */
export const cacheZone = (
    pool: string,
    site: string,
    { seconds, unlessCookies }: PageCache,
) => `fastcgi_cache_path ${cacheFolder(pool)} levels=1:2 keys_zone=pages_of_${site}:8m max_size=256m inactive=${seconds}s use_temp_path=off;
map $http_cookie $own_pages_of_${site} {
${unlessCookies ? `    default 0;${unlessCookies.length > 0 ? `\n    "~(^|; ?)(${unlessCookies.map(literally).join("|")})" 1;` : ""}` : '    default 1;\n    "" 0;'}
}

`;

/**
 * Where PHP runs. What an answer says itself of being kept comes first, and one that sets a cookie is not kept; of another
 * release are other pages.
 */
export const cachedPages = (
    site: string,
    { seconds }: PageCache,
    isSwitched: boolean,
) => `        fastcgi_cache pages_of_${site};
        fastcgi_cache_key "${isSwitched ? "$realpath_root " : ""}$request_method $scheme_of_${site} $host $request_uri";
        fastcgi_cache_valid 200 301 404 ${seconds}s;
        fastcgi_cache_bypass $own_pages_of_${site} $http_authorization;
        fastcgi_no_cache $own_pages_of_${site} $http_authorization;
        # Of many who ask for one page that is not there, one has it made.
        fastcgi_cache_lock on;
        add_header X-Cache-Status $upstream_cache_status;
`;
