# Sourced by setup: real kernels with WireGuard, for guests of QEMU, since a test machine's own may have none.
# Each is a folder of $cache/kernels with vmlinuz, initramfs, and the release that 'uname -r' prints.
# shellcheck shell=bash disable=SC2154

# What a guest loads: its devices, cables between namespaces of its own, and WireGuard.
guest_modules=(virtio_pci virtio_net veth wireguard)

# What the tests call on hosts and busybox lacks, in itself or in an option.
guest_programs=(bash bridge env ip iperf3 mount ncat nsenter ping sha256sum socat ss tcpdump unshare wg)

# fetch_kernel NAME REGEX: the newest of Debian's kernels for clouds whose release matches, with what it needs to boot.
fetch_kernel() {
  open_archive
  local to=$cache/kernels/$1 unpacked=$archive/$1 image parts release
  image=$(archive_apt cache pkgnames linux-image- | grep -E "^linux-image-($2)-cloud-amd64$" | sort -V | tail -n 1)
  # Newer kernels are in several packages.
  parts=$(archive_apt cache show "$image" | grep -oE 'linux-(binary|modules)-[^ ,]+' | sort -u || true)
  # shellcheck disable=SC2086 # a word each
  unpack_newest "$unpacked" "$image" $parts busybox-static
  release=${image#linux-image-}
  rm -rf "$to" "$to.new"
  mkdir -p "$to.new/root/bin" "$to.new/root/modules"
  cp "$(find "$unpacked" -name 'vmlinuz*')" "$to.new/vmlinuz"
  cp "$(find "$unpacked" -path '*/bin/busybox')" "$to.new/root/bin"
  copy_modules "$(find "$unpacked" -type d -path "*lib/modules/$release")" "$to.new/root/modules"
  echo "$release" >"$to.new/release"
  mv "$to.new" "$to"
}

# copy_modules FROM TO: those of a guest, and the order to load them in.
copy_modules() {
  local release base=$archive/depmod module path
  release=$(basename "$1")
  rm -rf "$base"
  mkdir -p "$base/lib/modules"
  ln -s "$1" "$base/lib/modules"
  depmod -b "$base" "$release" 2>/dev/null
  for module in "${guest_modules[@]}"; do
    # What is not there is built in: a guest in which something is missing for real does not boot, and says so.
    modprobe -d "$base" -S "$release" --show-depends "$module" 2>/dev/null || true
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
    module=$(basename "$path")
    case $module in
      *.xz) module=${module%.xz} && xz -dc "$path" >"$2/$module" ;;
      *.zst) module=${module%.zst} && zstd -qdc "$path" >"$2/$module" ;;
      *) cp "$path" "$2" ;;
    esac
    echo "$module" >>"$2/order"
  done
}

# build_initramfs NAME: busybox and the modules, the scripts in guest/, and this machine's own programs.
build_initramfs() {
  local kernel=$cache/kernels/$1 root_of_guest program
  root_of_guest=$(mktemp -d)
  cp -r "$kernel/root/." "$root/integration-tests/guest/." "$root_of_guest"
  mkdir -p "$root_of_guest"/{dev,proc,sys,tmp,run,root,etc/wireguard,usr/bin,usr/lib}
  echo "root:x:0:0:root:/root:/bin/bash" >"$root_of_guest/etc/passwd"
  for program in "${guest_programs[@]}"; do
    # Not the sid's wg, which is a script that finds its libraries by their path here.
    program=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$program")
    echo "$program"
    ldd "$program" | grep -oE '/[^ ]+'
  done | sort -u | tar -C / -chf - -T - --transform 's,^/,,' 2>/dev/null | tar -C "$root_of_guest" -xf -
  (cd "$root_of_guest" && find . | "$kernel/root/bin/busybox" cpio -o -H newc 2>/dev/null) >"$kernel/initramfs.new"
  mv "$kernel/initramfs.new" "$kernel/initramfs"
  rm -r "$root_of_guest"
}

# The initramfs's ingredients from this work tree and this machine, as one number.
guest_fingerprint() {
  cat "$root"/integration-tests/{kernels.sh,guest/*} /var/lib/dpkg/status | sha256sum
}

# kernel NAME REGEX: fetches what is missing and builds what is old.
kernel() {
  local kernel=$cache/kernels/$1
  [ -f "$kernel/release" ] || fetch_kernel "$@"
  if [ "$(cat "$kernel/built" 2>/dev/null)" != "$(guest_fingerprint)" ]; then
    build_initramfs "$1"
    guest_fingerprint >"$kernel/built"
  fi
  echo "in $kernel: Linux $(cat "$kernel/release")"
}
