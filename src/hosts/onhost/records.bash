# shellcheck shell=bash disable=SC2154 # the arrays and WORK, ROLE are role.bash's
# What a role leaves for `host-status`, beside what ownership.bash lists: `sums` (its files and programs as it applied them),
# `reports`, `text` (the checksum of its text) and `since` (when it changed something last).

reporting=()

# What else the host tells of the role: the last line that the command prints; it fails when that is not well.
reports() { reporting+=("$(printf '%q ' "$@")"); }

record_for_status() {
    local path store=$ROLES/$ROLE next=$ROLES/$ROLE/next text since=$EPOCHSECONDS
    # The deployer hands the text over as a command; the stack knows which one it was.
    text=$(printf %s "${BASH_EXECUTION_STRING-}" | sha256sum)
    text=${text%% *}
    if [[ -e $store/since && $text == "$(<"$store/text")" ]] && ((!${#changed[@]} && !${#obsolete[@]})); then
        since=$(<"$store/since")
    fi
    # On a full disk the former records stay.
    mkdir -p "$next" &&
        echo "$since" >"$next/since" && echo "$text" >"$next/text" &&
        {
            for path in "${reporting[@]}"; do echo "$path"; done
        } >"$next/reports" &&
        {
            for path in "${files[@]}"; do is_block "$path" || echo "$path"; done
            for path in "${needed[@]}"; do echo "$EVENKEEL_LIB/$path"; done
        } | fingerprints >"$next/sums" &&
        mv -f "$next"/* "$store/"
    rm -rf "$next"
}

# Of the paths on stdin, one line each that is there: SHA256 MODE OWNER PATH.
fingerprints() {
    local paths
    paths=$(cat)
    awk 'sums { sum[substr($0, 67)] = $1; next }
         { path = $0; sub(/^[^ ]+ [^ ]+ /, "", path); print (path in sum ? sum[path] : "-"), $0 }' \
        sums=1 <(printf '%s\n' "$paths" | xargs -r -d '\n' sha256sum -z -- 2>/dev/null | tr '\0' '\n') \
        sums=0 <(printf '%s\n' "$paths" | xargs -r -d '\n' stat -c '%a %U:%G %n' -- 2>/dev/null)
}

# Lines of all roles' records of one name: ROLE, tab, line.
recorded() {
    local file of
    for file in "$ROLES"/*/"$1"; do
        [[ -e $file ]] || continue
        of=${file%/*}
        sed "s|^|${of##*/}\t|" "$file"
    done
}
