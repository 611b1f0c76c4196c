import { expect, test } from "vitest";
import { onCalendar } from "../../../src/hosts/schedule.ts";

/** As `systemd-analyze calendar` of Debian 12 takes them. */
const events = [
    ...[
        "hourly",
        "daily UTC",
        "Mon",
        "02:30",
        "*:0/15",
        "00:00/2",
        "05:40:00.5",
        "*-*-* *:*:00",
        "2026-01-01",
    ],
    ...[
        "Mon  02:30",
        "Mon..Fri 02:00",
        "Sat,Sun 03:00",
        "Wed, 17:48",
        "monday 1:00",
        "12..14:10,20,30:00",
        "Sat *-*-1..7 18:00:00",
    ],
    ...["*-*-1,15 03:00:00 Europe/Berlin", "*-02~03 01:00", "*-*-* 02:30 America/Argentina/Buenos_Aires"],
];
const others = [
    ...[
        "",
        " ",
        "UTC",
        "every night",
        "02:30 Mon",
        "*-*-* 02:30\n*-*-* 14:30",
        "$(id)",
        "%n",
        "02:30; id",
        "daily 02:30",
    ],
    ...["2:3:4:5", "now", "at noon", "*-*-*'", "-"],
];

test("what is a calendar event to systemd is one here", () => {
    expect(events.filter((event) => onCalendar("schedule", event).length > 0)).toEqual([]);
});

test("what is none is refused before anything is registered", () => {
    expect(others.filter((event) => onCalendar("schedule", event).length === 0)).toEqual([]);
});
