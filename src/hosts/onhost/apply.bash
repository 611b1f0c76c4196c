# shellcheck shell=bash disable=SC2154 # the arrays and WORK, ROLE, HOST are role.bash's
# All or nothing: stage, check, activate, wait for health; on failure the former files are back and running.

apply() {
    local store=$ROLES/$ROLE path
    stage_hosts
    mapfile -t foreign < <(list_foreign)
    refuse_what_others_have
    refuse_foreign
    refuse_foreign_accounts
    if [[ ${content_root-} ]]; then arrive_content; fi
    mapfile -t changed < <(for path in "${files[@]}"; do is_current "$path" || echo "$path"; done)
    mapfile -t obsolete < <(list_obsolete)
    # An activation that was cut off is repeated whole: files may be in place that no daemon has read.
    interrupted=
    if [[ -e $store/pending ]]; then interrupted=1 changed=("${files[@]}"); fi

    if ((${#changed[@]} + ${#obsolete[@]})) || lacks_accounts; then
        run_checks
        activate
    fi
    make_way
    run_units || undo "$failure"
    open_again
    wait_until_healthy || undo "$failure"
    tell_visitors
    release_former_units
    remove_former_state
    forget_originals "${obsolete[@]}"
    if ((${#obsolete[@]})); then remove_made_folders "${obsolete[@]}"; fi
    record
    rm -rf "$store/pending" "$store/former"
    if ((${#changed[@]})); then
        say "$HOST: $ROLE: ${changed[*]}"
        tell_more
    elif [[ ! ${installed-} ]]; then
        say "$HOST: $ROLE: unchanged"
    fi
}

# The role is in place by now, whatever these say.
tell_more() {
    local line words told
    for line in "${telling[@]}"; do
        eval "words=($line)"
        directly "${words[@]}" 2>&1 </dev/null 9>&- | while IFS= read -r told; do say "$HOST: $ROLE: $told"; done
    done
}

arrive_content() {
    local told
    told=$(value manifest | "$EVENKEEL_LIB/content" arrive "$ROLE" "$HOST" "$content_root" "$WORK/texts") || exit 1
    if [[ $told ]]; then say "$told" && installed=1; fi
}

# What `retire`, other roles and `host-status` go by.
record() {
    local path store=$ROLES/$ROLE unit
    for path in "${files[@]}"; do is_block "$path" || echo "$path"; done >"$WORK/manifest"
    for path in "${files[@]}"; do is_block "$path" || [[ ${is_common[$path]-} ]] || echo "$path"; done >"$WORK/own"
    printf '%s\n' "${secrets[@]}" >"$WORK/secrets"
    accounts_so_far >"$WORK/accounts"
    printf '%s\n' "${things[@]}" >"$WORK/claims"
    printf '%s\n' "${needed[@]}" >"$WORK/programs"
    printf '%s\n' "${kept[@]}" >"$WORK/state"
    printf '%s\n' "${leaving[@]}" >"$WORK/leave"
    printf '%s\n' "${draining[@]}" >"$WORK/drain"
    printf '%s\n' "${resuming[@]}" >"$WORK/resume"
    printf '%s\n' "${health[@]}" >"$WORK/health"
    printf '%s\n' "${alternating[@]}" >"$WORK/alternatives"
    for unit in "${units[@]}"; do echo "$unit ${unit_was[$unit]}"; done >"$WORK/units"
    # Lists of nothing are empty files.
    sed -i '/^$/d' "$WORK"/{manifest,own,secrets,accounts,claims,programs,state,leave,drain,resume,health,alternatives,units}
    mv "$WORK"/{manifest,own,secrets,accounts,claims,programs,state,leave,drain,resume,health,alternatives,units,hosts} "$store/"
    record_for_status
}

# The hosts that roles name stand in one block, each once: a name with two lines has two addresses, and daemons that listen
# on it twice the same one.
stage_hosts() {
    named_hosts >"$WORK/named"
    # A name that moved to another address concerns daemons whose own files did not change.
    moved=$(awk 'NR == FNR { old[$2] = $1; next } ($2 in old) && old[$2] != $1' \
        <(cat "$ROLES/$ROLE/hosts" 2>/dev/null) "$WORK/hosts")
    # shellcheck disable=SC2094 # what is staged is put in place later
    with_block "$WORK/named" </etc/hosts | stage /etc/hosts
    if grep -qs manage_etc_hosts /etc/hosts && [[ -e $HOSTS_TEMPLATE ]]; then
        # Its first line says what kind of template it is.
        { head -n 1 "$HOSTS_TEMPLATE" && tail -n +2 "$HOSTS_TEMPLATE" | with_block "$WORK/named"; } | stage "$HOSTS_TEMPLATE"
    fi
}

is_current() {
    cmp -s "$WORK/stage$1" "$1" && [[ $(stat -c '%a %U:%G' "$1") == "${mode_of[$1]} ${owner_of[$1]}" ]]
}

list_obsolete() {
    local path
    while read -r path; do
        [[ -v mode_of[$path] ]] || [[ ! -e $path ]] || held_by_another manifest "$path" || echo "$path"
    done < <(cat "$ROLES/$ROLE/manifest" 2>/dev/null)
}

# Checks run in a mount namespace of their own, where the staged files lie over /etc: the host as it will be.
run_checks() {
    # shellcheck disable=SC2016 # expanded by the bash that it is handed to
    local line words message overlay='mount -t overlay -o "ro,lowerdir=$0:/etc" evenkeel /etc && exec "$@"'
    find "$WORK/stage" -type d -exec chmod 755 {} +
    for line in "${checks[@]}"; do
        eval "words=($line)"
        message=$(unshare --mount bash -c "$overlay" "$WORK/stage/etc" "${words[@]:1}" 2>&1 </dev/null) ||
            fail "${words[0]} was refused by ${words[1]}; nothing was changed on this host.
$message"
    done
}

# Every byte is on the disk before the first name is swapped, so a full disk changes nothing.
activate() {
    local path
    make_accounts
    keep_former "${files[@]}" "${obsolete[@]}"
    keep_originals
    for path in "${changed[@]}"; do
        write_beside "$path" || discard "$path"
    done
    for path in "${changed[@]}"; do mv -f "$path.evenkeel" "$path"; done
    for path in "${obsolete[@]}"; do give_back "$path"; done
    if [[ " ${changed[*]} ${obsolete[*]} " == *" /etc/systemd/"* ]]; then systemctl daemon-reload; fi
}

# `pending` lists what is being replaced. After a cut-off run it is there already: the former files are from before
# that run, the last ones known to work.
keep_former() {
    local path store=$ROLES/$ROLE
    mkdir -p "$store/former"
    for path; do
        if grep -qsxF "$path" "$store/pending"; then continue; fi
        if [[ -e $path ]]; then
            { mkdir -p "$store/former${path%/*}" && cp -a "$path" "$store/former$path"; } 2>/dev/null || discard "$path"
        fi
        echo "$path" 2>/dev/null >>"$store/pending" || discard "$path"
    done
}

write_beside() {
    make_folder "${1%/*}" || return
    (umask 077 && cp "$WORK/stage$1" "$1.evenkeel") 2>/dev/null || return
    chown "${owner_of[$1]}" "$1.evenkeel" && chmod "${mode_of[$1]}" "$1.evenkeel"
}

discard() {
    local path room folder=${1%/*}
    for path in "${changed[@]}"; do rm -f "$path.evenkeel"; done
    [[ $interrupted ]] || rm -rf "${ROLES:?}/$ROLE/former" "$ROLES/$ROLE/pending"
    forget_originals "${foreign[@]}"
    remove_accounts "${made_accounts[@]}"
    until [[ -d $folder/ ]]; do folder=${folder%/*}; done
    room=$(df --output=avail -B 1 "$folder/" "$ROLES" | tail -n +2 | sort -n | head -n 1 | tr -d " " | numfmt --to=iec)
    fail "$1 could not be written ($room left on the disk); nothing was changed on this host"
}

# Before the first role starts it.
declare -A unit_was=()
note_units() {
    local unit
    for unit in "${units[@]}"; do unit_was[$unit]=$(former_state "$unit"); done
}

# Units that the role had and has no more.
release_former_units() {
    local unit former
    while read -r unit former; do
        [[ -v unit_was[$unit] || -v yielded[$unit] ]] || release_unit "$unit" "$former"
    done < <(tac "$ROLES/$ROLE/units" 2>/dev/null)
}

# What the role's daemons kept beside its files, and keep no more.
remove_former_state() {
    local path
    while read -r path; do
        [[ " ${kept[*]}/" == *" $path/"* ]] || held_by_another state "$path" || rm -rf "$path"
    done < <(grep -vxFf <(printf '%s\n' "${kept[@]}") "$ROLES/$ROLE/state" 2>/dev/null)
}

# A unit is touched when a file of its own changed, when names moved under it, or when it does not run.
run_units() {
    local unit path needed
    acted=()
    note_units
    for unit in "${units[@]}"; do
        needed=
        for path in "${changed[@]}"; do
            [[ ${unit_of[$path]:-} == "$unit" ]] || continue
            needed=1
            # What a daemon is started with, no reload tells it.
            if [[ $path == /etc/default/* ]]; then method_of["$unit"]=restart; fi
        done
        [[ $moved || $interrupted ]] || ((${#obsolete[@]})) && needed=1
        if [[ -z $needed ]] && systemctl -q is-active "$unit"; then continue; fi
        was_active[$unit]=$(systemctl is-active "$unit" 2>/dev/null)
        acted+=("$unit")
        start_unit "$unit" || { failure="$unit did not take its new files: $unit_message"; return 1; }
    done
}

start_unit() {
    local unit=$1 since verb=${method_of[$1]}
    since=$(date '+%Y-%m-%d %H:%M:%S')
    [[ $verb == reload ]] && verb=reload-or-restart
    # Several roles of a host may restart a unit in a row: more than five in ten seconds are otherwise refused.
    systemctl reset-failed "$unit" 2>/dev/null
    # A reload of the manager is slow, and what it has to know it was told when the files came.
    systemctl -q is-enabled "$unit" 2>/dev/null || systemctl -q --no-reload enable "$unit" 2>/dev/null
    unit_message=$(systemctl "$verb" "$unit" 2>&1 9>&-) && ! systemctl -q is-failed "$unit" && return
    unit_message+=$'\n'$(journalctl -q -u "$unit" --since "$since" -o cat 2>/dev/null | tail -n 10)
    return 1
}

wait_until_healthy() {
    local line words deadline=$((SECONDS + 30)) message
    for line in "${health[@]}"; do
        eval "words=($line)"
        until message=$(directly "${words[@]:1}" 2>&1 </dev/null 9>&-); do
            if ((SECONDS >= deadline)); then
                failure="not healthy after 30 s: ${words[0]}: $message"
                return 1
            fi
            sleep 0.1
        done
    done
}

# By a link where it can be: on a full disk a copy would leave half a file.
restore() {
    rm -f "$2.evenkeel"
    { cp -al "$1" "$2.evenkeel" 2>/dev/null || cp -a "$1" "$2.evenkeel"; } && mv -f "$2.evenkeel" "$2"
}

declare -A was_active=()

undo() {
    local path unit store=$ROLES/$ROLE
    while read -r path; do
        if [[ -e $store/former$path ]]; then restore "$store/former$path" "$path"; else rm -f "$path"; fi
    done < <(cat "$store/pending" 2>/dev/null)
    systemctl daemon-reload
    for unit in "${acted[@]}"; do
        if [[ ${was_active[$unit]} == active ]]; then start_unit "$unit"; else systemctl stop "$unit"; fi
    done
    take_back
    rm -rf "$store/pending" "$store/former"
    forget_originals "${foreign[@]}"
    remove_accounts "${made_accounts[@]}"
    fail "$1
The former files are back on this host."
}
