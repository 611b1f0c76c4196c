# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # the arrays and ROLES, ROLE, DRAINED are role.bash's
# The verb `alternatives`: units that do the same, as two web servers of one port, of which the role has one at a time. When it gets
# another one, the former lets go of what both need before that starts; balancers have been told to send nobody, and nobody comes. Of a balancer
# the address has gone to another one.

declare -a alternating=()
# Those that have let go, and what they were before any role had them.
declare -A yielded=()
closed=

alternatives() { alternating+=("$@"); }

make_way() {
    local unit former store=$ROLES/$ROLE
    while read -r unit former; do
        [[ " ${units[*]} " != *" $unit "* ]] || continue
        if grep -qsxF -e "$unit" <(printf '%s\n' "${alternating[@]}") "$store/alternatives"; then yielded["$unit"]=$former; fi
    done < <(cat "$store/units" 2>/dev/null)
    ((${#yielded[@]})) || return 0
    say "$HOST: $ROLE: out of service while ${!yielded[*]} makes way"
    if [[ ! -e $DRAINED ]]; then touch "$DRAINED" && closed=1; fi
    tell_of_traffic "${draining[@]}"
    for unit in "${!yielded[@]}"; do release_unit "$unit" "${yielded[$unit]}"; done
    await_ports 60
}

# For this long, as requests that are under way may hold it. When the port is not free then, whoever wants it says so.
await_ports() {
    local thing at deadline=$((SECONDS + $1))
    for thing in "${things[@]}"; do
        [[ $thing == "tcp "* ]] || continue
        thing=${thing#tcp } at=${thing%:*}
        # What VRRP carries has its network's prefix.
        at=${at%/*}
        if [[ $at == 'reserved IP' ]]; then at=$(arrival); fi
        [[ $at =~ ^[0-9.]+$ ]] || at=$(address "$at")
        while [[ -n $(ss -Hltn src "$at:${thing##*:}") ]] && ((SECONDS < deadline)); do sleep 0.1; done
    done
}

tell_of_traffic() {
    local line words
    for line; do
        eval "words=($line)"
        [[ ${words[0]} != traffic ]] || directly "${words[@]:1}" </dev/null >/dev/null 2>&1 9>&-
    done
}

# The role's own checks ask as balancers do.
open_again() {
    if [[ $closed ]]; then rm -f "$DRAINED"; fi
}

# The next host's turn comes when balancers have seen that this one is back.
tell_visitors() {
    if ((${#yielded[@]})); then tell_of_traffic "${resuming[@]}"; fi
}

# A part of `undo`: the files are the former ones again, and what has come in their place has ended.
take_back() {
    local unit
    if ((${#yielded[@]})); then await_ports 10; fi
    for unit in "${!yielded[@]}"; do
        method_of["$unit"]=reload
        start_unit "$unit"
    done
    open_again
    tell_visitors
}
