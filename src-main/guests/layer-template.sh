# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# An empty layer is a sparse copy of a template, one for each size.
layer_template() { # MEGABYTES: sets template
  template=$root/templates/ext4-$1.img
  [ ! -f "$template" ] || return 0
  [ -d "$root/templates" ] || mkdir -p -- "$root/templates"
  # A small journal, and nothing left for the guest to initialise later: that would fill its sparse layer. Of the descriptors that a
  # growing file system needs, only those for 16 times the size (in blocks): by default they are a megabyte.
  if [ "$1" -lt 64 ]; then journal_mb=4; elif [ "$1" -lt 1024 ]; then journal_mb=8; else journal_mb=16; fi
  undo rm -f -- "$template.$JOB_ID" "$template.$JOB_ID.made"
  run truncate -s "${1}M" -- "$template.$JOB_ID.made"
  run mkfs.ext4 -q -F -b 4096 -m 0 -e remount-ro -L layer -J size=$journal_mb \
    -E nodiscard,lazy_itable_init=0,lazy_journal_init=0,resize=$(($1 * 256 * 16)) "$template.$JOB_ID.made"
  # mkfs has room for the empty journal and inode tables allocated; a sparse copy has not.
  run cp --sparse=always -- "$template.$JOB_ID.made" "$template.$JOB_ID"
  run rm -- "$template.$JOB_ID.made"
  run sync "$template.$JOB_ID"
  run mv -T -- "$template.$JOB_ID" "$template"
}
