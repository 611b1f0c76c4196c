import { text } from "./shape.ts";

const SPECIAL = /^(minutely|hourly|daily|weekly|monthly|quarterly|semiannually|annually|yearly)$/i;
const DAY = "(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)";
const DAYS = new RegExp(`^${DAY}((,|\\.\\.)${DAY})*,?$`, "i");
const PART = String.raw`[\d*,./]+`;
const DATE = new RegExp(`^(${PART}-)?${PART}[-~]${PART}$`);
const TIME = new RegExp(`^${PART}:${PART}(:${PART})?$`);
const ZONE = /^(UTC|[A-Z][A-Za-z_]+\/[\w/+-]+)$/;

/** Whether it has the form of systemd's calendar events; what the numbers mean the hosts ask systemd itself. */
function isCalendarEvent(schedule: string): boolean {
    const words = schedule.split(/ +/);
    if (words.length > 1 && ZONE.test(words.at(-1)!)) words.pop();
    if (words.length === 1 && SPECIAL.test(words[0]!)) return true;
    const forms = [DAYS, DATE, TIME];
    let next = 0;
    for (const word of words) {
        const form = forms.findIndex((each, i) => i >= next && each.test(word));
        if (form < 0) return false;
        next = form + 1;
    }
    return true;
}

export const onCalendar = text(
    "a calendar event",
    isCalendarEvent,
    'write it as systemd\'s OnCalendar has it, such as "*-*-* 02:30" or "Sat 03:00"',
);

/** Hosts may be set to different zones: a schedule without one is in UTC. */
export const inUtc = (schedule: string) =>
    / (UTC|[A-Z][A-Za-z_]+\/[\w/+-]+)$/.test(schedule) ? schedule : `${schedule} UTC`;
