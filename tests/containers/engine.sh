#!/bin/sh
# Runs as the first process of namespaces of its own (network, mounts, processes), with the engine's root file system
# as its argument. Whatever it starts ends with it, and nothing of it is seen outside.
set -e
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
ip link set lo up
# The way out: slirp4netns, in the network outside, brings the device and answers for names.
while ! ip link show tap0 > /dev/null 2>&1; do sleep 0.1; done
echo "nameserver 10.0.2.3" > "$root/etc/resolv.conf"
# Not chroot: what is executed in a container later would find itself in the root outside.
mkdir -p "$root/old"
cd "$root"
pivot_root . old
umount -l /old
# The folder for temporary files of whoever runs the tests is outside as well.
unset TMPDIR
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
DEBIAN_FRONTEND=noninteractive
export DEBIAN_FRONTEND
if [ ! -x /usr/sbin/dockerd ]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    apt-get update -qq
    apt-get install -qq --yes --no-install-recommends docker.io docker-cli docker-compose docker-buildx iptables
fi
dockerd --group root &
engine=$!
trap 'kill $engine' TERM
wait $engine || wait $engine
