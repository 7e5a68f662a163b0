# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The xl config of a guest on a base. Every value is of a closed set of characters (names, numbers, UUIDs, MACs, the storage root),
# so nothing needs quoting for xl. `fsck.mode=skip` and `rootflags=noload`: the base is read-only and clean, and a check of it would
# fail and cost 5 s a boot. The rest of `extra` is read by the union-root hook in the initrd.
# Uses $root, $RUN, $base, $generation, $mode, $layer_mb, $memory_mb, $vcpus, $type, $bridge.
guest_config() { # NAME UUID MAC: sets config
  if [ "$mode" = throwaway ]; then
    config_layer="tmpfs domdeck.layer_size=${layer_mb}M"
    config_disk=''
  else
    config_layer=/dev/xvdb
    config_disk=",
           'format=raw,vdev=xvdb,access=rw,target=$root/guests/$1/layer.img'"
  fi
  config_vif=''
  [ -z "$bridge" ] || config_vif="vif    = [ 'mac=$3,bridge=$bridge' ]
"
  config="# Made by Domdeck; plain xl: xl create $root/guests/$1/guest.cfg
name   = \"$1\"
uuid   = \"$2\"
type   = \"$type\"
kernel = \"$root/bases/$base/$generation/vmlinuz\"
ramdisk = \"$root/bases/$base/$generation/initrd.img\"
root   = \"/dev/xvda ro\"
extra  = \"console=hvc0 fsck.mode=skip rootflags=noload domdeck.base=$base/$generation domdeck.base_fs=ext4 domdeck.layer=$config_layer systemd.hostname=$1 net.ifnames=0\"
memory = $memory_mb
maxmem = $memory_mb
vcpus  = $vcpus
${config_vif}disk   = [ 'format=raw,vdev=xvda,access=ro,target=$RUN/bases/$base.$generation'$config_disk ]
on_poweroff = \"destroy\"
on_reboot   = \"restart\"
on_crash    = \"preserve\""
}
