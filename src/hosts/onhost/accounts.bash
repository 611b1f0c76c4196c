# shellcheck shell=bash disable=SC2154 # ROLE and ROLES are role.bash's
# The verb `account`: a system user without a password, for a role's programs and files; it goes with the role.
#
#   account USER HOME

declare -A home_of=()
made_accounts=()

account() { home_of[$1]=$2; }

# Whose it is stands in the account itself: an activation that was cut off finds it again.
owner_of_account() { getent passwd "$1" | cut -d : -f 5; }

refuse_foreign_accounts() {
    local user
    for user in "${!home_of[@]}"; do
        if getent passwd "$user" >/dev/null && [[ $(owner_of_account "$user") != "evenkeel role $ROLE" ]]; then
            fail "the user $user is there already, and is not this role's; nothing was changed"
        fi
    done
}

# Before the first file that belongs to one.
make_accounts() {
    local user message
    for user in "${!home_of[@]}"; do
        if getent passwd "$user" >/dev/null; then continue; fi
        # A shell, as sshd has it run what a key is for.
        message=$(useradd --system --user-group --no-create-home --home-dir "${home_of[$user]}" \
            --shell /bin/sh --password '*' --comment "evenkeel role $ROLE" "$user" 2>&1 9>&-) ||
            fail "the user $user could not be made: $message"
        made_accounts+=("$user")
    done
}

remove_accounts() {
    local user
    for user; do userdel --force "$user" >/dev/null 2>&1 9>&-; done
}
