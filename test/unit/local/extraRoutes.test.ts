import { expect, test } from "vitest";
import { extraRoutes } from "../../../local/network/cloudNetwork.ts";

const held = (address: string, via: string) =>
    `route replace ${address}/32 via ${via} dev public proto static`;

test.each([
    ["attached", [], [["203.0.113.34", "203.0.113.2"]], [held("203.0.113.34", "203.0.113.2")]],
    ["moved", ["203.0.113.34"], [["203.0.113.34", "203.0.113.3"]], [held("203.0.113.34", "203.0.113.3")]],
    ["detached", ["203.0.113.34"], [], ["route delete 203.0.113.34/32 proto static"]],
    [
        "detached beside one that stays",
        ["203.0.113.34", "203.0.113.35"],
        [["203.0.113.35", "203.0.113.3"]],
        [held("203.0.113.35", "203.0.113.3"), "route delete 203.0.113.34/32 proto static"],
    ],
    ["nowhere, as before", [], [], []],
] as [string, string[], [string, string][], string[]][])(
    "an address that hosts have as their own, %s",
    (_label, present, holders, commands) => {
        expect(extraRoutes(present, new Map(holders))).toEqual(commands);
    },
);
