#!/bin/bash
# Rebuilds a host's MariaDB packages with a higher version, VERSION, and has apt offer them from FOLDER on that host.
# The archives of the tests hold one version only.
#   rebuiltPackages.sh FOLDER VERSION
set -euo pipefail
folder=$1 version=$2
mkdir -p "$folder"
cd "$folder"
mapfile -t names < <(dpkg-query -W -f '${source:Package} ${Package}\n' | awk '$1 == "mariadb" { print $2 }')
apt-get -q -y download "${names[@]}" >/dev/null
for package in *.deb; do
    dpkg-deb -R "$package" tree
    sed -i -E "s/^Version: .*/Version: 1:$version/; s/\(= 1:10\.11[^)]*\)/(= 1:$version)/g" tree/DEBIAN/control
    rm "$package"
    dpkg-deb -Zgzip -z1 -b tree "./${package%%_*}.deb" >/dev/null
    rm -r tree
done
for package in *.deb; do
    dpkg-deb -f "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" "$(sha256sum <"$package" | cut -d ' ' -f 1)"
done >Packages
echo "deb [trusted=yes] file:$folder ./" >/etc/apt/sources.list.d/rebuilt.list
