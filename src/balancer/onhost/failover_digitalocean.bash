# shellcheck shell=bash disable=SC2034,SC2154 # the rest of it is failover's
# DigitalOcean's part of `failover`: one action moves the reserved IP to a droplet, from whoever has it.

KEYS=(DROPLET_ID)
ID=${DROPLET_ID-}
ME="droplet $ID"

ask_holder() {
    api GET "/v2/reserved_ips/$ADDRESS"
    [[ $status == 200 ]] || return
    holder=$(field .reserved_ip.droplet.id)
}

holder_name() { field .reserved_ip.droplet.name; }
reason() { field .message; }

# Actions may answer 404.
move_here() {
    api POST "/v2/reserved_ips/$ADDRESS/actions" "{\"type\":\"assign\",\"droplet_id\":$ID}"
    [[ $status == 2?? ]] || { problem="assign: HTTP $status $(reason)" && return 1; }
    say "$mode: $ADDRESS asked for by $ME after $(elapsed) ms"
    local action end=$((SECONDS + 60))
    action=$(field .action.id)
    followed="action $action"
    while [[ $action ]] && ((SECONDS < end)) && is_master; do
        api GET "/v2/reserved_ips/$ADDRESS/actions/$action"
        [[ $status == 404 ]] && break
        case $(field .action.status) in
            completed) break ;;
            errored) problem="the API's action $action failed" && return 1 ;;
        esac
        pause 1000
    done
}

is_lasting() { [[ $status == @(400|401|403|404) ]]; }

# Its traffic arrives at the droplet's anchor address, which is there always.
is_carried() { false; }
carry() { :; }
let_go() { :; }
