export interface NginxSettings {
    /** The host's own name; nginx listens on the address that it stands for. */
    host: string;
    port: number;
    documentRoot: string;
    /** Answered with 200 by nginx itself, for the balancers' health checks. */
    healthPath: string;
    /** Where PHP-FPM runs the files that end in .php; nothing does without it. */
    phpSocket?: string | undefined;
}

/** nginx.conf: daemon-wide settings for 1 CPU and 1 GB; the sites stand in conf.d. */
export const nginxConfig = `user www-data;
worker_processes auto;
pid /run/nginx.pid;
worker_shutdown_timeout 30s;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65s;
    client_max_body_size 64m;
    gzip on;
    gzip_types text/css text/plain text/xml application/javascript application/json application/xml image/svg+xml;
    access_log /var/log/nginx/access.log;
    error_log /var/log/nginx/error.log;
    include /etc/nginx/conf.d/*.conf;
}
`;

/** The pool's site, on the private address only. */
export function nginxSite({ host, port, documentRoot, healthPath, phpSocket }: NginxSettings): string {
    return `server {
    listen ${host}:${port};
    server_name _;
    root ${documentRoot};
    index ${phpSocket ? "index.php " : ""}index.html;

    location = ${healthPath} {
        access_log off;
        default_type text/plain;
        # Planned work on the host: balancers are to send nobody here (hosts/onhost/planned-work).
        if (-e /run/evenkeel-drained) { return 503; }
        return 200 "ok\\n";
    }
    # Hidden files are nobody's business, except what RFC 8615 puts there.
    location ~ /\\.(?!well-known/) {
        return 404;
    }
    location / {
        try_files $uri $uri/ =404;
    }
${phpSocket ? runPhp(phpSocket) : ""}}
`;
}

const runPhp = (socket: string) => `    location ~ \\.php$ {
        try_files $uri =404;
        include /etc/nginx/fastcgi.conf;
        fastcgi_pass unix:${socket};
    }
`;
