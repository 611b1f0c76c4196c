/** What pages refer to, and what changes its name or its query when it changes: styles, scripts, images and fonts. */
export const STATIC = [
    "avif",
    "css",
    "eot",
    "gif",
    "ico",
    "jpe?g",
    "js",
    "otf",
    "png",
    "svg",
    "ttf",
    "webp",
    "woff2?",
];

/** For how long visitors may keep a file of the site, by its name; not what PHP answers, whatever the name that it is asked by. */
export const expiryOf = (site: string, seconds: number): string => `map $uri $expires_of_${site} {
    default off;
    ~*\\.(${STATIC.join("|")})$ ${seconds}s;
}

`;

/** What is packed for visitors who take it, beside text/html. */
export const PACKED_TYPES = [
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
    "application/javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/rss+xml",
    "application/atom+xml",
    "application/xml",
    "application/vnd.ms-fontobject",
    "image/svg+xml",
    "image/x-icon",
];

/** From how many bytes on. */
export const PACKED_FROM = 1000;
