# shellcheck shell=bash disable=SC2154 # WORK, HOST are role.bash's, PACKAGED ownership.bash's
# The verb `packages`: installs what is missing, on a host where others may be installing, too.

# For this long another program may hold apt up, as apt-daily does on a host that has just booted.
APT_SECONDS=300

packages() {
    local name missing=()
    for name; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    say "$HOST: installing ${missing[*]}"
    forbid_service_starts
    list_settings >"$WORK/settings"
    apt_get install --no-install-recommends "${missing[@]}" ||
        { apt_get update && apt_get install --no-install-recommends "${missing[@]}"; } ||
        fail "packages ${missing[*]} could not be installed: $(tail -n 5 "$WORK/apt.log")"
    allow_service_starts
    # Not all that a package brings is known to dpkg.
    list_settings | LC_ALL=C comm -13 "$WORK/settings" - >>"$PACKAGED"
    systemctl daemon-reload
    # shellcheck disable=SC2034 # apply.bash asks for it
    installed=1
}

# apt waits for dpkg's locks, and fails at once on those of its lists and archives.
apt_get() {
    # Each daemon's package has systemd read all units again, which is most of what its setup takes: once does.
    local -x SYSTEMD_OFFLINE=1 DEBIAN_FRONTEND=noninteractive LC_ALL=C
    local deadline=$((SECONDS + APT_SECONDS)) holder
    # A transaction that was cut off before is finished first.
    [[ -z $(find /var/lib/dpkg/updates -type f -name '[0-9]*' -print -quit) ]] || dpkg --configure -a >"$WORK/apt.log" 2>&1
    until apt-get -q -y -o DPkg::Lock::Timeout="$APT_SECONDS" -o Acquire::Retries=3 \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@" >"$WORK/apt.log" 2>&1 </dev/null 9>&-; do
        holder=$(grep -m 1 -o 'Could not get lock.*' "$WORK/apt.log") || return 1
        ((SECONDS < deadline)) || fail "another program has kept apt busy for $APT_SECONDS s: $holder"
        sleep 0.5
    done
}

# Daemons start when they are configured, not when they are unpacked.
forbid_service_starts() {
    [[ -e /usr/sbin/policy-rc.d ]] && return
    printf '#!/bin/sh\n# evenkeel: a role is installing packages\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
}
allow_service_starts() {
    if grep -qs '^# evenkeel:' /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi
}
