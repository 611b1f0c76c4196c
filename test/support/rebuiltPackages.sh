#!/bin/bash
# Rebuilds what a host has of some source packages with a higher version, its own and SUFFIX, and has apt offer that from
# FOLDER on that host. The archives of the tests hold one version only.
#   rebuiltPackages.sh FOLDER SUFFIX SOURCE…
set -euo pipefail
folder=$1 suffix=$2
shift 2
mkdir -p "$folder"
cd "$folder"
mapfile -t names < <(dpkg-query -W -f '${db:Status-Status} ${source:Package} ${Package}\n' |
    awk -v sources=" $* " '$1 == "installed" && index(sources, " " $2 " ") { print $3 }')
apt-get -q -y download "${names[@]}" >/dev/null
for package in *.deb; do
    dpkg-deb -R "$package" tree
    version=$(dpkg-deb -f "$package" Version)
    sed -i "s/^Version: .*/&$suffix/; s/(= $version)/(= $version$suffix)/g" tree/DEBIAN/control
    rm "$package"
    dpkg-deb -Zgzip -z1 -b tree "./${package%%_*}.deb" >/dev/null
    rm -r tree
done
for package in *.deb; do
    dpkg-deb -f "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" "$(sha256sum <"$package" | cut -d ' ' -f 1)"
done >Packages
echo "deb [trusted=yes] file:$folder ./" >/etc/apt/sources.list.d/rebuilt.list
