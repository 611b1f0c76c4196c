# shellcheck shell=bash disable=SC2034,SC2154 # the rest of it is failover's
# Vultr's part of `failover`: the reserved IP is an address of the instance that it is attached to, and a move is two calls. In
# between it is with nobody, and whoever is master goes on from there. The API detaches and attaches after it has answered, so that
# it refuses to attach for a while what it is still detaching.

KEYS=(INSTANCE_ID RESERVED_IP_ID)
ID=${INSTANCE_ID-}
ME="instance $ID"

ask_holder() {
    api GET "/v2/reserved-ips/$RESERVED_IP_ID"
    [[ $status == 200 ]] || return
    holder=$(field .reserved_ip.instance_id)
}

# The API knows instances by id; for people, the name that this one goes by.
holder_name() {
    local id=$holder name
    api GET "/v2/instances/$id"
    name=$(field .instance.label)
    echo "${name:-instance $id}"
}

reason() { field .error; }

look() {
    ask_holder || { problem="asked who has $ADDRESS: HTTP $status $(reason)" && return 1; }
}

detach_any() {
    look || return
    [[ $holder ]] || return 0
    call detach '{}' "" && say "$mode: $ADDRESS is attached to nobody after $(elapsed) ms"
}

move_here() {
    look || return
    followed=attach
    [[ $holder != "$ID" ]] || return 0
    if [[ $holder ]]; then
        call detach '{}' "" || return
        # Another master has begun meanwhile: it finds the address where this one has left it.
        is_master || { problem="detached, and no longer master" && return 1; }
    fi
    say "$mode: $ADDRESS asked for by $ME after $(elapsed) ms"
    carry
    call attach "{\"instance_id\":\"$ID\"}" "$ID"
}

# call VERB JSON HOLDER: asks for it. Of what was refused, or has no answer, the address itself says whether it was done all the
# same, by this call or by somebody else; where it was not, the first answer decides about the next try.
call() {
    local first after why
    api POST "/v2/reserved-ips/$RESERVED_IP_ID/$1" "$2"
    [[ $status != 2?? ]] || return 0
    first=$status after=$retry_after why=$(reason)
    if [[ $first != @(401|403|429) ]] && ask_holder && [[ $holder == "$3" ]]; then return 0; fi
    status=$first retry_after=$after problem="$1: HTTP $first $why"
    return 1
}

# Not 400: it is also the answer while a former call is being worked on.
is_lasting() { [[ $status == @(401|403|404) ]]; }

is_carried() { [[ $(ip -4 -oneline address show to "$ADDRESS" 8>&- 9>&-) ]]; }

# On the public interface, whatever else has it on lo; a host that has lost its way there has it nonetheless.
carry() {
    local way device=lo
    way=$(ip -4 -oneline route show default 8>&- 9>&-)
    if [[ $way =~ \ dev\ ([^ ]+) ]]; then device=${BASH_REMATCH[1]}; fi
    [[ $(ip -4 -oneline address show dev "$device" to "$ADDRESS" 8>&- 9>&-) ]] ||
        ip address add "$ADDRESS/32" dev "$device" 8>&- 9>&-
}

let_go() {
    local device cidr
    while read -r _ device _ cidr _; do
        ip address delete "$cidr" dev "$device" 8>&- 9>&-
    done < <(ip -4 -oneline address show to "$ADDRESS" 8>&- 9>&-)
}
