# shellcheck shell=bash disable=SC2154 # the arrays and ROLE, HOST are role.bash's
# Whose a file, a unit or a port is: each role owns its own and nobody else's, and what was there before comes back.
#
# Of each role /var/lib/evenkeel/roles/ROLE lists: manifest (its files), own (those that no other role may have too),
# secrets, accounts, claims, units (with what they were before), programs, state, leave, hosts (those that it names).

# Files as packages or people had them, until the last role that has one of them goes.
ORIGINALS=/var/lib/evenkeel/originals
# What packages that roles installed have put into /etc, by checksum.
PACKAGED=/var/lib/evenkeel/packaged
# Folders that roles have made.
MADE=/var/lib/evenkeel/made

# held_by_another LIST NAME: whether another role lists it, too.
held_by_another() {
    local other
    for other in "$ROLES"/*/"$1"; do
        [[ $other != "$ROLES/$ROLE/$1" ]] && grep -qsxF -e "$2" "$other" && return
    done
    return 1
}

# refuse_taken LIST NAME…
refuse_taken() {
    local list=$1 other name
    shift
    (($#)) || return 0
    for other in "$ROLES"/*/"$list"; do
        [[ -e $other && $other != "$ROLES/$ROLE/$list" ]] || continue
        name=$(grep -m 1 -xFf <(printf '%s\n' "$@") "$other") || continue
        other=${other%/*}
        fail "$name belongs to the role ${other##*/} of this host; nothing was changed"
    done
}

refuse_what_others_have() {
    local path own=() shared=()
    for path in "${files[@]}"; do
        if is_block "$path"; then continue; fi
        if [[ ${is_common[$path]-} ]]; then shared+=("$path"); else own+=("$path"); fi
    done
    refuse_taken claims "${things[@]}"
    refuse_taken manifest "${own[@]}"
    refuse_taken own "${shared[@]}"
}

# What a cloud-init that manages /etc/hosts writes it from, at every boot.
HOSTS_TEMPLATE=/etc/cloud/templates/hosts.debian.tmpl
BLOCK_BEGIN='^# begin evenkeel$' BLOCK_END='^# end evenkeel$'

# The hosts that this role names, and those that only others do.
named_hosts() {
    local other
    {
        cat "$WORK/hosts" 2>/dev/null
        for other in "$ROLES"/*/hosts; do [[ $other == "$ROLES/$ROLE/hosts" ]] || cat "$other" 2>/dev/null; done
    } | awk '!seen[$2]++' | sort -k 2
}

# with_block NAMED: a file of hosts with these first. This host's own name is its private address alone: of two, programs take the
# loopback's, where its daemons do not listen. So the loopback's lines go without it, Debian's 127.0.1.1, until it is no more in NAMED.
with_block() {
    local me=''
    if [[ -s $1 ]]; then printf '# begin evenkeel\n%s\n# end evenkeel\n' "$(<"$1")"; fi
    if grep -qs " $HOST\$" "$1"; then me=$HOST; fi
    # shellcheck disable=SC2016 # awk's
    sed "/$BLOCK_BEGIN/,/$BLOCK_END/d" | awk -v own="$me" -v host="$(uname -n)" '
        function is_own(name) {
            # As cloud-init has it, before it fills it in.
            if (name ~ /^\{\{(hostname|fqdn)\}\}$/) name = host
            return name == own || index(name, own ".") == 1
        }
        / # evenkeel$/ { next }
        { sub(/^# evenkeel: /, "") }
        own == "" || $1 !~ /^(127\.|::1$)/ { print; next }
        {
            rest = ""
            for (i = 2; i <= NF && $i !~ /^#/; i++) if (!is_own($i)) rest = rest " " $i
            if (i == 2 + split(rest, names, " ")) { print; next }
            print "# evenkeel: " $0
            if (rest != "") print $1 rest " # evenkeel"
        }'
}

# All roles have a block in common in these.
is_block() { [[ $1 == /etc/hosts || $1 == "$HOSTS_TEMPLATE" ]]; }

# What somebody else has put there is not overwritten; a package's own file is, and comes back in the end.
list_foreign() {
    local path
    printf '%s\n' "${files[@]}" | grep -vxFf <(cat "$ROLES"/*/manifest "$ROLES/$ROLE/pending" 2>/dev/null) |
        while read -r path; do
            is_block "$path" || [[ ! -e $path ]] || echo "$path"
        done
}

refuse_foreign() {
    local path
    for path in "${foreign[@]}"; do
        is_current "$path" || is_of_package "$path" ||
            fail "$path is there already, and is not evenkeel's: move it away if it may be replaced; nothing was changed"
    done
}

list_settings() { find /etc -xdev -type f -exec md5sum {} + | LC_ALL=C sort; }

# As the package has it: dpkg and ucf know the checksums of most configuration files.
is_of_package() {
    local sum
    read -r sum _ < <(md5sum "$1")
    grep -qsxF -e " $1 $sum" /var/lib/dpkg/status || grep -qsxF -e "$sum  $1" /var/lib/ucf/hashfile "$PACKAGED"
}

keep_originals() {
    local path
    for path in "${foreign[@]}"; do
        { mkdir -p "$ORIGINALS${path%/*}" && cp -a "$path" "$ORIGINALS$path"; } 2>/dev/null || discard "$path"
    done
}

forget_originals() {
    local path
    for path; do rm -f "$ORIGINALS$path"; done
}

make_folder() {
    local folder=$1
    until [[ -d $folder/ ]]; do
        echo "$folder" >>"$MADE"
        folder=${folder%/*}
    done
    mkdir -p "$1"
}

# remove_made_folders [PATH…]: those that nothing is in any more; with paths, of the ones that these were in.
remove_made_folders() {
    local folder
    sort -ru "$MADE" 2>/dev/null | while read -r folder; do
        if (($#)) && [[ $(printf '%s\n' "$@") != *"$folder/"* ]]; then
            echo "$folder"
            continue
        fi
        rmdir "$folder" 2>/dev/null || [[ ! -d $folder ]] || echo "$folder"
    done >"$WORK/made"
    mv "$WORK/made" "$MADE"
}

# A file that a role has no more: another role's, the package's again, or nobody's.
give_back() {
    if held_by_another manifest "$1"; then return; fi
    if [[ -e $ORIGINALS$1 ]]; then
        cp -a "$ORIGINALS$1" "$1.evenkeel" && mv -f "$1.evenkeel" "$1"
    else
        rm -f "$1"
    fi
}

# What a unit was before any role had it.
former_state() {
    local found
    found=$(cat "$ROLES"/*/units 2>/dev/null | awk -v unit="$1" '$1 == unit { print $2; exit }')
    echo "${found:-$(systemctl is-active "$1" 2>/dev/null)}"
}

is_another_roles_unit() {
    local other
    for other in "$ROLES"/*/units; do
        [[ $other != "$ROLES/$ROLE/units" ]] && grep -qs -e "^$1 " "$other" && return
    done
    return 1
}

# A unit that a role has no more: it goes on for others, or as it was before.
release_unit() {
    local unit=$1 former=$2
    if is_another_roles_unit "$unit" || [[ $former == active ]]; then
        systemctl reload-or-restart "$unit" 9>&-
    else
        end_unit "$unit"
    fi
}

# With what systemd keeps of a timer, which would have it think of the former one's last run.
end_unit() {
    systemctl -q disable --now "$1" 9>&- 2>/dev/null
    if [[ $1 == *.timer ]]; then
        systemctl -q clean --what=state "$1" 9>&- 2>/dev/null
        # What it has begun ends, too.
        systemctl -q stop "${1%.timer}.service" 9>&- 2>/dev/null
    fi
    systemctl -q reset-failed "$1" "${1%.timer}.service" 2>/dev/null
}

remove_program() {
    rm -f "$EVENKEEL_LIB/$1"
    if [[ $(readlink "/usr/local/sbin/$1") == "$EVENKEEL_LIB/$1" ]]; then rm -f "/usr/local/sbin/$1"; fi
}
