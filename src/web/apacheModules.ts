/**
 * What Debian 12's Apache can load, as a2enmod names it, but for its other ways to work on requests (mpm_prefork, mpm_worker)
 * and for cgi, in whose place those have cgid.
 */
const PLAIN = `access_compat actions alias allowmethods asis auth_basic auth_digest auth_form authn_anon authn_core authn_dbd
authn_dbm authn_file authn_socache authnz_fcgi authnz_ldap authz_core authz_dbd authz_dbm authz_groupfile authz_host authz_owner
authz_user autoindex brotli buffer cache cache_disk cache_socache cern_meta cgid charset_lite data dav dav_fs dav_lock dbd
deflate dialup dir dump_io echo env expires ext_filter file_cache filter headers heartbeat heartmonitor http2 ident imagemap
include info lbmethod_bybusyness lbmethod_byrequests lbmethod_bytraffic lbmethod_heartbeat ldap log_debug log_forensic lua macro
md mime mime_magic negotiation proxy proxy_ajp proxy_balancer proxy_connect proxy_express proxy_fcgi proxy_fdpass proxy_ftp
proxy_hcheck proxy_html proxy_http proxy_http2 proxy_scgi proxy_uwsgi proxy_wstunnel ratelimit reflector remoteip reqtimeout
request rewrite sed session session_cookie session_crypto session_dbd setenvif slotmem_plain slotmem_shm socache_dbm
socache_memcache socache_redis socache_shmcb speling ssl status substitute suexec unique_id userdir usertrack vhost_alias xml2enc`;

export const APACHE_MODULES: readonly string[] = PLAIN.split(/\s+/);

/** Without which one does not load, or Debian's settings for it are none. */
const NEEDED: Record<string, string[]> = {
    access_compat: ["authn_core"],
    asis: ["mime"],
    auth_basic: ["authn_core"],
    auth_digest: ["authn_core"],
    auth_form: ["session", "authn_core"],
    authn_dbd: ["dbd"],
    authnz_ldap: ["ldap"],
    authz_dbd: ["dbd"],
    cache_disk: ["cache"],
    cache_socache: ["cache"],
    dav_fs: ["dav"],
    dav_lock: ["dav"],
    file_cache: ["cache"],
    include: ["mime"],
    info: ["authz_host"],
    ldap: ["authz_host"],
    proxy_balancer: ["proxy", "alias", "slotmem_shm"],
    proxy_html: ["proxy", "xml2enc"],
    proxy_http2: ["proxy", "http2"],
    ratelimit: ["env"],
    status: ["authz_host"],
    ssl: ["setenvif", "mime", "socache_shmcb"],
};
const BEGINNINGS: [string, string][] = [
    ["lbmethod_", "proxy_balancer"],
    ["proxy_", "proxy"],
    ["session_", "session"],
];

/** What every site needs, whatever is in it. */
export const ALWAYS = [
    "mpm_event",
    "alias",
    "authz_core",
    "deflate",
    "filter",
    "headers",
    "mime",
    "remoteip",
    "reqtimeout",
    "rewrite",
];

/** Modules with those that they need before them, each once, without what every site has. */
export function withNeeded(modules: string[]): string[] {
    const found = new Set<string>();
    const add = (module: string) => {
        if (ALWAYS.includes(module) || found.has(module)) return;
        const more = BEGINNINGS.filter(([beginning]) => module.startsWith(beginning)).map(([, name]) => name);
        for (const each of NEEDED[module] ?? more) add(each);
        found.add(module);
    };
    for (const module of modules) add(module);
    return [...found];
}

/** Loads a module as a2enmod would have it, with Debian's settings for it, if no other site has. */
export const loading = (module: string): string => `<IfModule !${identifier(module)}>
    Include mods-available/${module}.load
    IncludeOptional mods-available/${module}.conf
</IfModule>
`;

const identifier = (module: string) => `${module === "dump_io" ? "dumpio" : module}_module`;
