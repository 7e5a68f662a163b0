# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The xl config of a guest on a base. Every value is of a closed set of characters (names, numbers, UUIDs, MACs, the storage root),
# so nothing needs quoting for xl. `fsck.mode=skip` and `rootflags=noload`: the base is read-only and clean, and a check of it would
# fail and cost 5 s a boot. The rest of `extra` is read by the union-root hook in the initrd. A guest whose root is a disk of its own gives
# the hook nothing to do: its initrd checks that disk and mounts it `rw`, for the base's fstab names no root.
# Uses $root, $RUN, $base, $generation, $mode, $pool, $layer_mb, $encrypted, $swap_mb, $memory_mb, $vcpus, $type, $bridge.
guest_config() { # NAME UUID MAC: sets config
  config_boot=$root/bases/$base/$generation
  config_root='/dev/xvda rw' config_union=''
  case $mode in
    overlay)
      config_layer=/dev/xvdb
      config_disk="'format=raw,vdev=xvda,access=ro,target=$RUN/bases/$base.$generation',
           'format=raw,vdev=xvdb,access=rw,target=$root/guests/$1/layer.img'"
      ;;
    throwaway)
      config_layer="tmpfs domdeck.layer_size=${layer_mb}M"
      config_disk="'format=raw,vdev=xvda,access=ro,target=$RUN/bases/$base.$generation'"
      ;;
    copy | reflink)
      config_boot=$root/guests/$1
      config_disk="'format=raw,vdev=xvda,access=rw,target=$root/guests/$1/disk.img'"
      ;;
    thin) config_disk="'format=raw,vdev=xvda,access=rw,target=/dev/${pool%/*}/domdeck-$1'" ;;
    qcow2) config_disk="'format=qcow2,vdev=xvda,access=rw,target=$root/guests/$1/disk.qcow2'" ;;
  esac
  encrypted_config "$1"
  case $mode in
    overlay | throwaway)
      config_root='/dev/xvda ro'
      config_union=" fsck.mode=skip rootflags=noload domdeck.base=$base/$generation domdeck.base_fs=ext4 domdeck.layer=$config_layer"
      ;;
  esac
  config_vif=''
  [ -z "$bridge" ] || config_vif="vif    = [ 'mac=$3,bridge=$bridge' ]
"
  config="# Made by Domdeck; plain xl: xl create $root/guests/$1/guest.cfg
name   = \"$1\"
uuid   = \"$2\"
type   = \"$type\"
kernel = \"$config_boot/vmlinuz\"
ramdisk = \"$config_boot/initrd.img\"
root   = \"$config_root\"
extra  = \"console=hvc0$config_union systemd.hostname=$1 net.ifnames=0\"
memory = $memory_mb
maxmem = $memory_mb
vcpus  = $vcpus
${config_vif}disk   = [ $config_disk ]
on_poweroff = \"destroy\"
on_reboot   = \"restart\"
on_crash    = \"preserve\""
}

# The disks that the guest encrypts: a layer by a passphrase or by a key of each boot, and swap.
encrypted_config() { # NAME
  case $mode${encrypted:+-encrypted} in
    overlay-encrypted) config_layer=luks:/dev/xvdb ;;
    throwaway-encrypted)
      config_layer=throwaway:/dev/xvdb
      config_disk="$config_disk,
           'format=raw,vdev=xvdb,access=rw,target=$root/guests/$1/layer.img'"
      ;;
  esac
  [ -n "$swap_mb" ] || return 0
  config_layer="$config_layer domdeck.swap=/dev/xvds"
  config_disk="$config_disk,
           'format=raw,vdev=xvds,access=rw,target=$root/guests/$1/swap.img'"
}
