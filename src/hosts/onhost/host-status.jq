# What host-status collects, as JSON: each line has its kind first, and fields between tabs. Times are seconds since 1970.

def number: if (. // "") | test("^[0-9]+$") then tonumber else null end;

[inputs / "\t"] as $facts
| def of($kind): $facts[] | select(.[0] == $kind) | .[1:];
  def with($kind; $role): of($kind) | select(.[0] == $role) | .[1:];
  (reduce of("package") as [$path, $name, $version] ({}; .[$path] = { name: $name, version: $version })) as $packages
| (reduce of("host") as [$key, $value] ({}; .[$key] = $value)) as $host
| {
    now: ($host.now | number),
    booted: ($host.booted | number),
    busy: ($host.busy == "true"),
    memory: ([of("memory") | { total: .[0] | number, free: .[1] | number }][0]),
    disks: [of("disk") | { mount: .[0], size: .[1] | number, free: .[2] | number, inodes: .[3] | number, freeInodes: .[4] | number }],
    roles: [
        of("role") as [$role, $since, $text, $unfinished]
        | {
            name: $role,
            since: ($since | number),
            text: (if $text == "" then null else $text end),
            unfinished: ($unfinished == "true"),
            units: ([
                with("unit"; $role) as [$unit, $runs, $id, $type, $active, $sub, $file, $entered, $unmet, $program]
                | {
                    name: (if ($id // "") == "" then $unit else $id end),
                    runs: ($runs == "true"),
                    type: $type,
                    active: $active,
                    sub: $sub,
                    file: $file,
                    since: ($entered | number),
                    unmet: ($unmet == "true"),
                    package: $packages[$program // ""]
                }
            ] | group_by(.name) | map(max_by(.runs))),
            files: ([with("files"; $role)[0] | number][0] // 0),
            edited: [with("file"; $role) | select(.[0] == "edited")[1]],
            missing: [with("file"; $role) | select(.[0] == "missing")[1]],
            reports: [
                [with("report"; $role)] | sort_by(.[0] | number)[]
                | { what: .[1], good: (.[2] == "0"), says: .[3] }
            ]
        }
    ],
    certificates: [of("certificate") | { path: .[0], ends: .[1] | number }],
    failed: [of("failed")[0]],
    restarts: {
        reboot: [of("restart") | select(.[0] == "reboot")[1]],
        units: [of("restart") | select(.[0] == "unit")[1]]
    }
}
