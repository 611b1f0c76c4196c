# shellcheck shell=bash
# The verbs that a role's text is written in. They only declare; `apply` (apply.bash) does everything or nothing.
#
#   role NAME HOST                 begins: takes the host's lock, reads addresses and values from stdin
#   packages NAME…                 installs what is missing
#   programs NAME…                 whose programs of the library the role needs; they go with the last role that does
#   file PATH [MODE [OWNER]]       text from stdin, as it is
#   template PATH [MODE [OWNER]]   text from stdin; {{address HOST}}, {{interface HOST}}, {{value NAME}}, {{memory PERCENT}}, {{megabytes PERCENT/STEP}}, {{anchor}} filled in
#   secret PATH NAME [MODE [OWNER]]  a value from stdin as a root-only file
#   content ROOT                   files below ROOT that are too many for a text; they have arrived by themselves (content/onhost)
#   text [-n] PATH                 one of them that can be read here, from stdin; -n: without the last line's end
#   common file|template …         a file that every role of its kind has; it goes with the last of them
#   claims THING…                  what a host has one of: a second role that wants it is refused
#   account [--number N] USER HOME  a system user without a password; it goes with the role (accounts.bash)
#   state PATH…                    what the role's programs keep; it goes with the role
#   leave COMMAND…                 run first when the role is retired (retire)
#   drain traffic|data COMMAND…    run before planned work on the host (planned-work): visitors go to others, rows are safe without it
#   resume traffic|data COMMAND…   run after it
#   reports WHAT COMMAND…          a line of the host's status (records.bash)
#   tells COMMAND…                 what it prints is told at the end, when something changed
#   check FILE COMMAND…            must succeed with the new /etc in place, before anything is activated
#   dropin UNIT                    settings of a unit that go over its own, from stdin
#   alternatives UNIT…             of these the role has one at a time: the former one lets go before another one starts (handover.bash)
#   service UNIT reload|restart|start  covers the files named since the service before it; start: it looks after them itself
#   firewall                       rules for the host's input chain, a template from stdin
#   healthy WHAT COMMAND…          must succeed within 30 s once everything is activated
#   apply                          stages, checks, activates, waits; on failure puts the former files back

set -uo pipefail
shopt -s lastpipe
# A deployer that goes away must not leave a host half-way: what has begun is finished.
trap '' HUP PIPE

EVENKEEL_LIB=/usr/local/lib/evenkeel
ROLES=/var/lib/evenkeel/roles
RUN=/run/evenkeel
TMPFILES=/etc/tmpfiles.d/evenkeel.conf
# While it is there web hosts tell balancers to send nobody (web/nginx.ts, web/apacheRules.ts). Of /run nothing outlives a boot.
DRAINED=/run/evenkeel-drained
# shellcheck source-path=SCRIPTDIR source=ownership.bash
. "$EVENKEEL_LIB/ownership.bash"
# shellcheck source-path=SCRIPTDIR source=records.bash
. "$EVENKEEL_LIB/records.bash"
# shellcheck source-path=SCRIPTDIR source=apply.bash
. "$EVENKEEL_LIB/apply.bash"
# shellcheck source-path=SCRIPTDIR source=handover.bash
. "$EVENKEEL_LIB/handover.bash"
# shellcheck source-path=SCRIPTDIR source=packages.bash
. "$EVENKEEL_LIB/packages.bash"
# shellcheck source-path=SCRIPTDIR source=accounts.bash
. "$EVENKEEL_LIB/accounts.bash"

declare -a files=() secrets=() checks=() units=() health=() needed=() things=() kept=() leaving=() telling=() draining=() resuming=()
declare -A mode_of=() owner_of=() unit_of=() method_of=() is_common=()
pending_files=()

say() { echo "$*" 2>/dev/null || :; }

# Everything a reader of the error needs stands in its first line; the daemon's own words follow.
fail() {
    echo "evenkeel: $HOST: role $ROLE: $*" >&2 2>/dev/null || :
    exit 1
}

role() {
    ROLE=$(printf %q "$1") HOST=$(printf %q "$2")
    if ! is_name "$1" || ! is_name "$2"; then fail "its name or its host's is none"; fi
    umask 022
    begin
    mkdir -p "$WORK/stage" "$WORK/value"
    touch "$WORK/hosts"
    read_input
    lock_host
    keep_folders
}

# What parts of paths, units and lines may be called: as src/hosts/names.ts has it.
is_name() { [[ $1 =~ ^[a-z]([a-z0-9-]*[a-z0-9])?$ ]] && ((${#1} <= 63)); }

begin() {
    install -d -m 700 "$RUN" "$ROLES" "$ROLES/$ROLE"
    WORK=$(mktemp -d "$RUN/work.XXXXXX") || fail "no room in $RUN"
    # A role that did not come into being leaves no folder either.
    trap 'rm -rf "$WORK"; rmdir "$ROLES/$ROLE" 2>/dev/null; allow_service_starts' EXIT
}

lock_host() {
    exec 9>"$RUN/lock"
    flock -w 600 9 || fail "another role has held this host's lock for 10 minutes"
}

# Of /run nothing outlives a boot, and what needs these folders does not wait for the next role.
keep_folders() {
    local text='d /run/evenkeel 700 root root
d /var/lib/evenkeel 755 root root'
    [[ $(cat "$TMPFILES" 2>/dev/null) == "$text" ]] ||
        { mkdir -p "${TMPFILES%/*}" && echo "$text" >"$TMPFILES.new" && mv "$TMPFILES.new" "$TMPFILES"; } ||
        fail "$TMPFILES could not be written"
}

# One item a line: `host NAME ADDRESS`, `value NAME BASE64`, `end`. A cut-off connection shows in the missing end. After it may
# come `machine ID`, for the deployer alone: another host has another input.
read_input() {
    local address name
    awk -v dir="$WORK" '
        $1 == "host"  { print $3, $2 > (dir "/hosts") }
        $1 == "value" { file = dir "/value/" $2; printf "%s", $3 > file; close(file) }
        $1 == "end"   { ended = 1 }
        END           { exit !ended }
    ' || fail "the input ended early; nothing was changed"
    while read -r address name; do
        if ! is_name "$name" || [[ ! $address =~ ^[0-9]+(\.[0-9]+){3}$ ]]; then
            fail "the input names a host that cannot be: $(printf %q "$name $address"); nothing was changed"
        fi
    done <"$WORK/hosts"
}

value() {
    [[ -e $WORK/value/$1 ]] || fail "the role names the value '$1', which its input lacks"
    base64 -d <"$WORK/value/$1"
}

address() {
    local found
    found=$(awk -v name="$1" '$2 == name { print $1; exit }' "$WORK/hosts")
    [[ -n $found ]] || fail "the role names the host '$1', whose address its input lacks"
    printf %s "$found"
}

interface() {
    local wanted found
    wanted=$(address "$1") || exit 1
    found=$(ip -o -4 addr show | awk -v a="$wanted" 'index($4, a "/") == 1 { print $2; exit }')
    [[ -n $found ]] || fail "no interface of this host carries $wanted, the address of $1"
    printf %s "$found"
}

# Where a reserved IP's traffic arrives, by the program of a cloud that delivers it to another address.
anchor() {
    directly "$EVENKEEL_LIB/anchor" || fail "the cloud's metadata service does not tell the anchor address"
}

# Where it arrives on a host of any cloud: elsewhere its holder has the address itself.
arrival() { if [[ -e $EVENKEEL_LIB/anchor ]]; then anchor; else value address; fi; }

# A share of the memory that this host may use, for daemons that reserve theirs.
memory() { echo "$(megabytes "$1")M"; }

# The same as a number: PERCENT, or PERCENT/STEP for one of STEP, 2 STEP, 3 STEP…
megabytes() {
    local limit total
    total=$(awk '$1 == "MemTotal:" { print $2 * 1024 }' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | grep -x '[0-9]*' | head -n 1)
    awk -v total="$total" -v limit="${limit:-$total}" -v share="$1" 'BEGIN {
        step = split(share, of, "/") == 2 ? of[2] : 1
        steps = int((limit < total ? limit : total) * of[1] / 100 / 1048576 / step)
        print (steps > 0 ? steps : 1) * step
    }'
}

fill() {
    local text placeholder filled
    text=$(cat && printf .)
    text=${text%.}
    while [[ $text =~ \{\{(address|interface|value|memory|megabytes|anchor)( ([A-Za-z0-9._/-]+))?\}\} ]]; do
        placeholder=${BASH_REMATCH[0]}
        filled=$("${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}") || exit 1
        text=${text//"$placeholder"/"$filled"}
    done
    printf %s "$text"
}

stage() {
    local path=$1
    mkdir -p "$WORK/stage${path%/*}"
    cat >"$WORK/stage$path" || fail "no room to stage $path"
    files+=("$path") pending_files+=("$path")
    mode_of[$path]=${2:-644} owner_of[$path]=${3:-root:root}
}

file() { stage "$@"; }
template() { fill | stage "$@" || exit 1; }
secret() {
    value "$2" | stage "$1" "${3:-600}" "${4:-root:root}" || exit 1
    secrets+=("$1")
}

common() {
    local before=${#files[@]} path
    "$@"
    for path in "${files[@]:before}"; do is_common[$path]=1; done
}

content() {
    content_root=$1
    leave "$EVENKEEL_LIB/content" leave "$ROLE" "$HOST"
    reports files "$EVENKEEL_LIB/content" check "$ROLE" "$HOST"
}

texts=0
text() {
    mkdir -p "$WORK/texts"
    if [[ $1 == -n ]]; then head -c -1; else cat; fi >"$WORK/texts/$((++texts))" || fail "no room to stage ${*: -1}"
}

programs() { needed+=("$@"); }
claims() { things+=("$@"); }
state() { kept+=("$@"); }
drain() { draining+=("$(printf '%q ' "$@")"); }
resume() { resuming+=("$(printf '%q ' "$@")"); }
tells() { telling+=("$(printf '%q ' "$@")"); }
leave() { leaving+=("$(printf '%q ' "$@")"); }
check() { checks+=("$(printf '%q ' "$@")"); }
healthy() { health+=("$(printf '%q ' "$@")"); }

# Not by a proxy that the session's environment names: what is asked is this host or its neighbours.
directly() {
    unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
    "$@"
}

# Named by the role, as several may have something to say of one unit.
dropin() {
    local unit=$1
    [[ $unit == *.@(service|timer) ]] || unit+=.service
    stage "/etc/systemd/system/$unit.d/evenkeel-$ROLE.conf"
}

service() {
    local path
    units+=("$1")
    method_of[$1]=$2
    for path in "${pending_files[@]}"; do unit_of[$path]=$1; done
    pending_files=()
}

# Hosts that came from elsewhere keep the firewall that they have: the rules are for the baseline's input chain.
firewall() {
    local rules=/etc/nftables.d/50-$ROLE.nft kept=("${pending_files[@]}")
    if ! compgen -G "$ROLES/*-baseline/manifest" >/dev/null; then cat >/dev/null; return; fi
    pending_files=()
    fill | by_address | stage "$rules" || exit 1
    check "$rules" nft -c -f /etc/nftables.conf
    service nftables reload
    pending_files=("${kept[@]}")
}

# nft takes no name that stands in two roles' blocks of /etc/hosts.
by_address() {
    awk -v hosts="$WORK/hosts" '
        BEGIN { while ((getline line <hosts) > 0) { split(line, words, " "); address[words[2]] = words[1] } }
        { for (i = 2; i <= NF; i++) if ($(i - 1) ~ /^[sd]addr$/ && $i in address) $i = address[$i]; print }'
}

# The host's own memory only: a container shares its machine's swap.
swap() {
    local size_mb=$1
    systemd-detect-virt -qc && return 0
    swapon --show=NAME --noheadings | grep -qx /swapfile && return 0
    [[ -e /swapfile ]] || { fallocate -l "${size_mb}M" /swapfile && chmod 600 /swapfile && mkswap -q /swapfile; } ||
        { rm -f /swapfile; fail "no room for a swap file of $size_mb MB"; }
    grep -q '^/swapfile ' /etc/fstab || echo '/swapfile none swap sw 0 0' >>/etc/fstab
    swapon /swapfile || fail "the swap file could not be activated"
}
