# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# What the disks of guests take at first under the storage root. Uses $root, $mode, $encrypted, $swap_mb, $layer_mb and $image.

# Measured: an empty layer of 2 GB takes 0.1 MB as a sparse copy, of 64 GB 1.1 MB; its folder and files 12 kB. While its template is
# made, mkfs has the journal (16 MB) and the inode tables (a 64th) allocated too.
layer_space() { # COUNT: sets guest_kb, of one; layers_kb, of all with the template; layers_kind, `layer` where they grow there
  guest_kb=12
  template_kb=0
  layers_kind=layer
  # The marks of encrypted disks; a layer gets its header and its empty file system when it first boots.
  [ -z "$swap_mb" ] || guest_kb=$((guest_kb + 4))
  case $mode${encrypted:+-encrypted} in
    *-encrypted) guest_kb=$((guest_kb + 4)) ;;
    overlay)
      template=$root/templates/ext4-$layer_mb.img
      if [ -f "$template" ]; then
        guest_kb=$((guest_kb + $(stat -c %b -- "$template") / 2))
      else
        guest_kb=$((guest_kb + 100 + layer_mb / 64))
        template_kb=$((guest_kb + layer_mb * 16 + 16384))
      fi
      ;;
    copy)
      # Blocks of 512 bytes: of the image, and of kernel and initrd, which a copy has for itself.
      # shellcheck disable=SC2046 # numbers
      set -- "$1" $(stat -c %b -- "$image/root.img" "$image/vmlinuz" "$image/initrd.img" 2>/dev/null)
      guest_kb=$((guest_kb + (${2:-0} + ${3:-0} + ${4:-0}) / 2))
      ;;
    # Its map of the blocks that it shares.
    reflink) guest_kb=$((guest_kb + 256)) ;;
    # Its empty tables.
    qcow2) guest_kb=$((guest_kb + 196)) ;;
    *) layers_kind='' ;;
  esac
  [ -z "$swap_mb" ] || layers_kind=layer
  layers_kb=$(($1 * guest_kb + template_kb))
}
