/** How long HAProxy leaves a database's sessions, wherever one stands between a client and its member. */
export const SESSION_TIMEOUTS = `    timeout connect 1s
    # MariaDB's own wait_timeout is 8 h: it is the one who ends idle sessions.
    timeout client 8h
    timeout server 8h
`;

/** Sessions of before a reload. */
export const AFTER_RELOAD = `    # Sessions of before a reload go on for this long.
    hard-stop-after 10m
`;
