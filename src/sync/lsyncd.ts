import type { SyncSettings } from "./settings.ts";

const PUSH = "/usr/local/lib/evenkeel/sync-push";

/** Seconds after which all of a target is compared: what inotify does not tell, such as a file that is never closed. */
const COMPARE = 600;

/**
 * lsyncd.conf.lua for Debian 12's lsyncd 2.2.3, which gathers what changed and has sync-push bring it to each target alone. Its own
 * list for rsync takes a backslash for a wildcard, and its queue of a target that is down has no end and slows down with each
 * change; so a list that did not arrive is dropped, and that target gets the whole tree as soon as it can.
 */
export function lsyncdConfig({ name, path, delay, exclude }: SyncSettings, targets: string[]): string {
    const excluded = ["/.evenkeel-sync", ...exclude].map(quoted).join(", ");
    return `settings { nodaemon = true, insist = true }

local PUSH = ${quoted(PUSH)}
local NAME = ${quoted(name)}
-- Exit codes of sync-push for what is to be tried again, and in how many seconds.
local AGAIN = { [75] = 5, [76] = 30 }
local COMPARE = ${COMPARE}
local targets = { }

local function whole(timestamp, target)
    if target.due ~= timestamp then return end
    target.due = nil
    spawn(target.inlet.createBlanketEvent(), PUSH, NAME, "--whole", target.host)
end

-- The sooner one counts, so that changes which go on do not put it off.
local function later(target, seconds)
    local due = now() + seconds
    if target.due and target.due < due then return end
    target.due = due
    alarm(due, whole, target)
end

local function init(event)
    spawn(event, PUSH, NAME, "--whole", event.config.target)
end

local function isChange(event)
    return event.etype ~= "Init" and event.etype ~= "Blanket"
end

local SIGNS = { Create = "+", Delete = "-" }

local function action(inlet)
    local events = inlet.getEvents(isChange)
    local changes = events.getPaths(function(etype, path)
        return (SIGNS[etype] or "~") .. path
    end)
    if #changes == 0 then return end
    spawn(events, PUSH, "<", table.concat(changes, "\\000"), NAME, "--list", inlet.getConfig().target)
end

-- No trouble of a target ends lsyncd.
local function collect(agent, code)
    local target = targets[agent.config.target]
    if code ~= 0 then
        later(target, AGAIN[code] or AGAIN[76])
    elseif not agent.isList then
        later(target, COMPARE)
    end
    return "ok"
end

for _, host in ipairs({ ${targets.map(quoted).join(", ")} }) do
    local inlet = sync {
        source = ${quoted(path)},
        target = host,
        delay = ${delay},
        maxDelays = 1000000,
        exclude = { ${excluded} },
        checkgauge = { exclude = true },
        action = action,
        init = init,
        collect = collect,
    }
    targets[host] = { host = host, inlet = inlet }
end
`;
}

/** As Lua reads it: of what is not plain text the bytes. */
function quoted(text: string): string {
    const bytes = [...Buffer.from(text)].map((byte) =>
        byte < 32 || byte > 126 || byte === 34 || byte === 92
            ? `\\${String(byte).padStart(3, "0")}`
            : String.fromCharCode(byte),
    );
    return `"${bytes.join("")}"`;
}
