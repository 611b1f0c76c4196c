import { ALWAYS } from "./apacheModules.ts";
import { PACKED_FROM, PACKED_TYPES } from "./caching.ts";

export const LOGS = "/var/log/apache2";

/** Where the sites stand, a file each. */
export const SITES = "/etc/apache2/evenkeel";

/**
 * apache2.conf: what all sites of a host have in common. A thread works on one request; beside it, connections on which nothing is
 * asked and answers on their way to the network cost none (MPM event). There is one for each 4 MB of the host's memory, 224 for
 * 1 GB: balancers send 32 at once to such a host with PHP. With all of them at work on bodies of 100 kB, Apache had 42 MB.
 * Processes of before a reload finish what they have begun beside the new ones: so there may be twice as many of them.
 */
export const apacheConfig = `# Debian's own choice of modules and sites (mods-enabled, conf-enabled, sites-enabled, ports.conf) is not read.
${ALWAYS.map((module) => `Include mods-available/${module}.load\n`).join("")}
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

# For proxies before the balancers, too; what they keep goes to those alone who take it. Less than ${PACKED_FROM} bytes fit into one packet as they are.
FilterDeclare packed CONTENT_SET
FilterProvider packed DEFLATE "%{CONTENT_TYPE} =~ m#^(${["text/html", ...PACKED_TYPES].join("|").replaceAll(".", "\\.").replaceAll("+", "\\+")})(;|$)# && (-z %{resp:Content-Length} || %{resp:Content-Length} -ge ${PACKED_FROM})"
FilterChain packed
# A packed answer has a tag of its own, by which an application would not know it again.
RequestHeader edit* If-None-Match "-gzip\\"" "\\""

# To a gate: when, status, seconds, and "-" where PHP was not asked.
LogFormat "%{end:sec}t.%{end:msec_frac}t %>s %{us}Te-6 %R" gate
LogFormat "%a %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" visitors
ErrorLog ${LOGS}/error.log
LogLevel warn

<Directory />
    # Releases are behind a link, and so is what they share.
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>

IncludeOptional ${SITES}/*.conf
`;
