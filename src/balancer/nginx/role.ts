import { onHost } from "../../hosts/programs.ts";
import {
    alternatives,
    check,
    common,
    file,
    healthy,
    type Step,
    secret,
    state,
} from "../../hosts/roleText.ts";
import { daemon } from "../../hosts/units.ts";
import { arrivals } from "../addresses.ts";
import type { BalancerEngine } from "../engine.ts";
import { BUSY_PAGE, httpName } from "../frontends.ts";
import type { HttpListener } from "../listeners.ts";
import type { BalancerSettings } from "../settings.ts";
import { certificateValue } from "../tls.ts";
import { readyAddress } from "../watch.ts";
import { ALIVE, nginxConfig } from "./config.ts";
import { brokenFile, limitedFile, pageFile, pageText } from "./http.ts";
import {
    healthUnit,
    monitorSocket,
    nginxCertificate,
    nginxFile,
    nginxFolder,
    nginxUnit,
    runFolder,
} from "./names.ts";
import { nginxProblems } from "./problems.ts";
import { checksOf } from "./upstreams.ts";

const PROGRAM = "/usr/local/lib/evenkeel/nginx-balancer";

export const nginxEngine: BalancerEngine = {
    packages: ({ tcp = [] }) => [
        "nginx-light",
        ...(tcp.length > 0 ? ["libnginx-mod-stream"] : []),
        "openssl",
        "python3",
    ],
    programs: [
        "balancer/nginx-balancer",
        "balancer/nginx_answers.py",
        "balancer/nginx_backend.py",
        "balancer/nginx_checks.py",
        "balancer/nginx_config.py",
        "balancer/nginx_process.py",
    ],
    problems: nginxProblems,
    steps: nginxSteps,
    script: ({ name, virtualRouterId }) => {
        const [address, port] = readyAddress(virtualRouterId).split(":");
        return { name: `nginx-${name}`, asks: `${port} ${ALIVE} ${address}` };
    },
    readySocket: monitorSocket,
    statsSocket: monitorSocket,
    atWork: ({ name, virtualRouterId }) => [
        file({
            path: `${nginxFolder(name)}/step-aside.nginx`,
            text: `http://${readyAddress(virtualRouterId)}/status\n`,
        }),
    ],
};

/** nginx's part of a balancer, and of who asks its backends how they are. */
function nginxSteps(settings: BalancerSettings): Step[] {
    const { name, http, tcp, virtualRouterId } = settings;
    const certificates = (listener: HttpListener) =>
        (listener.tls?.certificates ?? []).map((_, i) => nginxCertificate(name, httpName(name, listener), i));
    const path = nginxFile(name);
    const ready = readyAddress(virtualRouterId);
    const { addresses, areCarried } = arrivals(settings);
    const text = nginxConfig({
        pair: name,
        addresses,
        http,
        tcp,
        readyAddress: ready,
        certificates,
    });
    const backends = {
        ...checksOf(name, http, tcp),
        nonLocal: areCarried,
        monitor: ready,
    };
    return [
        alternatives(["haproxy", nginxUnit(name)]),
        ...http.flatMap((listener) =>
            certificates(listener).map((path, i) =>
                secret(path, certificateValue(httpName(name, listener), i)),
            ),
        ),
        ...http.map((listener) => file({ path: pageFile(name, listener), text: pageText(listener) })),
        file({ path: brokenFile(name), text: BUSY_PAGE }),
        file({ path: limitedFile(name), text: "Too many requests.\n" }),
        file({ path, text, template: true }),
        check(path, `${PROGRAM} check ${name}`),
        ...["evenkeel-nginx@.service", "evenkeel-nginx-health@.service"].map((unit) =>
            common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        ),
        state(runFolder(name)),
        daemon(nginxUnit(name), "reload", { openFiles: 65_536 }),
        file({ path: `${nginxFolder(name)}/backends.json`, text: `${JSON.stringify(backends, null, 2)}\n` }),
        daemon(healthUnit(name), "restart", { sandbox: { writes: [], capabilities: ["CHOWN"] } }),
        healthy("nginx answers", `curl -fsS -m 2 -o /dev/null http://${ready}${ALIVE}`),
        healthy("its backends are known", `test -e ${runFolder(name)}/backends`),
    ];
}
