# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# What the layers of guests take at first. Uses $root, $mode and $layer_mb.

# Measured: an empty layer of 2 GB takes 0.1 MB as a sparse copy, of 64 GB 1.1 MB; its folder and files 12 kB. While its template is
# made, mkfs has the journal (16 MB) and the inode tables (a 64th) allocated too.
layer_space() { # COUNT: sets guest_kb, of one, and layers_kb, of all with the template
  guest_kb=12
  template_kb=0
  if [ "$mode" = overlay ]; then
    template=$root/templates/ext4-$layer_mb.img
    if [ -f "$template" ]; then
      guest_kb=$((guest_kb + $(stat -c %b -- "$template") / 2))
    else
      guest_kb=$((guest_kb + 100 + layer_mb / 64))
      template_kb=$((guest_kb + layer_mb * 16 + 16384))
    fi
  fi
  layers_kb=$(($1 * guest_kb + template_kb))
}
