/** What pages refer to, and what changes its name or its query when it changes: styles, scripts, images and fonts. */
const STATIC = [
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
