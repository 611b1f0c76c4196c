#!/bin/bash
# Last step of the host image, run by mmdebstrap with the new root directory as the only argument.
set -euo pipefail
root=$1

# Every host makes, or is given, an identity of its own at its first boot.
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
rm -f "$root"/var/cache/apt/archives/*.deb

# Ordinary files, as on a droplet; cloud-init and the host's own programs change them.
rm -f "$root/etc/resolv.conf"
echo '# There are no name servers in the local cloud.' > "$root/etc/resolv.conf"
echo localhost > "$root/etc/hostname"
echo LANG=C.UTF-8 > "$root/etc/default/locale"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"

# The interfaces belong to the machine beneath; the rest makes booting slower and serves nothing here.
masked=(
    systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service
    networking.service systemd-udevd.service systemd-udevd-control.socket
    systemd-udevd-kernel.socket systemd-udev-trigger.service systemd-firstboot.service
    console-getty.service getty.target getty-static.service serial-getty@.service
    systemd-modules-load.service e2scrub_reap.service e2scrub_all.timer
    apt-daily.timer fstrim.timer
    cloud-init-hotplugd.socket
)
for unit in "${masked[@]}"; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
chroot "$root" systemctl enable local-cloud-files.service
