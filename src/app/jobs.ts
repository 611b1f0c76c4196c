import { onHost } from "../hosts/programs.ts";
import { check, common, file, reports, type Step, service, word } from "../hosts/roleText.ts";
import { inUtc } from "../hosts/schedule.ts";
import { dropIn } from "../hosts/units.ts";
import type { AppJob } from "./args.ts";
import { PROGRAM } from "./environment.ts";

const TIMEOUT_S = 3600;

/** What a host's program knows of the jobs, by their names. */
export const jobSettings = (jobs: AppJob[]) =>
    Object.fromEntries(
        jobs.map(({ name, schedule, command, timeout = TIMEOUT_S }) => [
            name,
            { schedule: inUtc(schedule), command, timeout },
        ]),
    );

/** Timers that all hosts have; whose turn it is the hosts find out (onhost/app_turn.py). */
export function jobSteps(app: string, jobs: AppJob[]): Step[] {
    if (jobs.length === 0) return [];
    return [
        common(
            file({
                path: "/etc/systemd/system/evenkeel-job@.service",
                text: onHost("app/evenkeel-job@.service"),
            }),
        ),
        ...jobs.flatMap(({ name, schedule }) => {
            const unit = `evenkeel-job@${app}:${name}`;
            const timer = `/etc/systemd/system/${unit}.timer`;
            return [
                dropIn(unit, `[Service]\nExecStart=${PROGRAM} ${app} job ${name}\n`),
                file({ path: timer, text: jobTimer(app, name, schedule) }),
                check(timer, `systemd-analyze calendar ${word(inUtc(schedule))}`),
                service(`${unit}.timer`, "restart"),
                reports(`job ${name} of ${app}`, `${PROGRAM} ${app} last ${name}`),
            ];
        }),
    ];
}

const jobTimer = (app: string, job: string, schedule: string) => `[Unit]
Description=Job "${job}" of the application "${app}"

[Timer]
OnCalendar=${inUtc(schedule)}
# All hosts look at the same moment; one of them begins.
AccuracySec=1s
# What a host has slept through is made good for, unless another one has done it.
Persistent=true

[Install]
WantedBy=timers.target
`;
