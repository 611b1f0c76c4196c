#!/bin/sh
# Three machines of the local cloud, made by hand, and the configuration of the example's stack for them.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

ssh-keygen -q -t ed25519 -N "" -C own-hosts -f "$folder/key"
fingerprint=$(ssh-keygen -l -E md5 -f "$folder/key.pub" | sed 's/.*MD5:\([0-9a-f:]*\).*/\1/')

# In a shell of its own: with a token in its environment, `npm run pulumi` is for that token's cloud.
(
    eval "$(npm run --silent local -- env)"
    post() {
        printf 'Authorization: Bearer %s' "$DIGITALOCEAN_TOKEN" |
            curl -sS --fail-with-body -o "$folder/answer" -H @- -H "Content-Type: application/json" \
                -d "$2" "$DIGITALOCEAN_API_URL/v2/$1" || { cat "$folder/answer" >&2 && exit 1; }
    }
    post account/keys "{ \"name\": \"own-hosts\", \"public_key\": \"$(cat "$folder/key.pub")\" }"
    post vpcs '{ "name": "own-hosts", "region": "fra1", "ip_range": "10.0.0.0/24" }'
    network=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$folder/answer")
    post droplets "{ \"names\": [\"alpha\", \"beta\", \"gamma\"], \"region\": \"fra1\", \"size\": \"s-1vcpu-1gb\",
        \"image\": \"debian-12-x64\", \"ssh_keys\": [\"$fingerprint\"], \"vpc_uuid\": \"$network\" }"
)

on() {
    host=$1 && shift
    npm run --silent local -- ssh "$host" -- "$@"
}
config() {
    npm run --silent pulumi -- config set "$@"
}
addressOf() {
    on "$1" "ip -4 -o address show dev $2" | sed -n '1s/.*inet \([0-9.]*\).*/\1/p'
}

config --secret sshKey <"$folder/key"
config virtualAddress 10.0.0.100/24
i=0
for name in alpha beta gamma; do
    until on "$name" "cloud-init status --wait" >/dev/null 2>&1; do sleep 1; done
    config --path "hosts[$i].name" "$name"
    config --path "hosts[$i].address" "$(addressOf "$name" eth1)"
    config --path "hosts[$i].ssh" "$(addressOf "$name" eth0)"
    config --path "hosts[$i].hostKey" "$(on "$name" "cat /etc/ssh/ssh_host_ed25519_key.pub")"
    i=$((i + 1))
done
