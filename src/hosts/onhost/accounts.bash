# shellcheck shell=bash disable=SC2154 # ROLE and ROLES are role.bash's
# The verb `account`: a system user without a password, for a role's programs and files; it goes with the role.
#
#   account USER HOME                  one that SSH lets in, for what its key is for
#   account --number NUMBER USER HOME  one that daemons run as, without a shell; it has this number where that is free, which is
#                                      how it comes to be the same on all hosts. A user that is there already is used, and stays

declare -A home_of=() number_of=()
made_accounts=()

account() {
    if [[ $1 == --number ]]; then
        number_of[$3]=$2
        shift 2
    fi
    home_of[$1]=$2
}

# Whose it is stands in the account itself: an activation that was cut off finds it again.
owner_of_account() { getent passwd "$1" | cut -d : -f 5; }

refuse_foreign_accounts() {
    local user
    for user in "${!home_of[@]}"; do
        if ! getent passwd "$user" >/dev/null || [[ $(owner_of_account "$user") == "evenkeel role $ROLE" ]]; then continue; fi
        [[ -v number_of[$user] && $(owner_of_account "$user") != "evenkeel role "* ]] ||
            fail "the user $user is there already, and is not this role's; nothing was changed"
        unset "home_of[$user]"
    done
}

lacks_accounts() {
    local user
    for user in "${!home_of[@]}"; do getent passwd "$user" >/dev/null || return 0; done
    return 1
}

# Before the first file that belongs to one.
make_accounts() {
    local user message options
    for user in "${!home_of[@]}"; do
        if getent passwd "$user" >/dev/null; then continue; fi
        # A shell, as sshd has it run what a key is for.
        options=(--user-group --shell /bin/sh)
        if [[ -v number_of[$user] ]]; then
            options=(--user-group --shell /usr/sbin/nologin)
            # useradd alone gives a system user's group a number of its own.
            if ! is_taken "${number_of[$user]}" && groupadd --gid "${number_of[$user]}" "$user" 2>/dev/null 9>&-; then
                options=(--gid "$user" --uid "${number_of[$user]}" --shell /usr/sbin/nologin)
            fi
        fi
        message=$(useradd --system --no-create-home --home-dir "${home_of[$user]}" \
            "${options[@]}" --password '*' --comment "evenkeel role $ROLE" "$user" 2>&1 9>&-) ||
            fail "the user $user could not be made: $message"
        made_accounts+=("$user")
    done
}

is_taken() { getent passwd "$1" >/dev/null || getent group "$1" >/dev/null; }

# Of those that the role had under other names, too: daemons may still be ending as one of them.
accounts_so_far() {
    {
        printf '%s\n' "${!home_of[@]}"
        cat "$ROLES/$ROLE/accounts" 2>/dev/null
    } | sort -u
}

remove_accounts() {
    local user
    for user; do userdel --force "$user" >/dev/null 2>&1 9>&-; done
}
