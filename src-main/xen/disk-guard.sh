# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# Who else uses a disk? Xen does not look: its script for files never finds a second user (4.17, check_file_sharing compares a hex
# with a decimal number), qemu's disks are not checked at all, and two domains of one UUID are exempt. Two guests that write to one
# disk destroy it, so whoever starts one asks here first, under the lock `guests`.
#
# A disk is known by device and inode, not by its path: links, bind mounts and further loop devices come to the same. It is claimed by
# running domains (backends in xenstore), saved ones, configs, mounts and loop devices of this host, each with what lies below: the
# file of a loop device, the backing files of a qcow2 image, the devices that device-mapper or a partition stand on.
# One look serves for all disks of all guests asked about: some eight forks, whatever the number of guests.
# Uses $root, $ETC_XEN and $NL; disk-claims.sh stands above this text.

# A tab parts fields; the mark parts the name of a guest, which may hold blanks, from the path of its config.
guard_mark=$(printf '\t\034')
guard_tab=${guard_mark%?} guard_mark=${guard_mark#?}

# guard_disks SUBJECT...: fails when a disk of one of them is in use elsewhere, and sets guard_what and guard_hint, the reason and the
# next step. A SUBJECT is a config, or `r:FILE` or `w:FILE` for a disk that will be read or written. $guard_own holds the domids of the
# guest itself, where it runs. $guard_off is set where guests that are off, and not saved, may keep the disk.
guard_disks() {
  guard_tries=0
  while :; do
    if ! guard_look "$@"; then
      guard_what="Who uses the disks of this host cannot be told."
      guard_hint="Read the end of the log: awk or stat may be missing or broken on the host."
      return 1
    fi
    [ -n "$guard_clash" ] || return 0
    if guard_explain; then return 1; fi
    # What a domain that has just gone leaves behind for a moment.
    guard_tries=$((guard_tries + 1))
    [ "$guard_tries" -lt 15 ] || return 1
    sleep 0.2
  done
}

guard_look() { # SUBJECT...: sets guard_clash
  guard_claims=$(guard_sources | awk "$guard_claims_awk" "$@" others \
    "$root"/guests/*/guest.cfg "$root"/drafts/*/guest.cfg "$ETC_XEN"/*.cfg "$ETC_XEN"/auto/*) || return 1
  # Lines are split without a fork: a path may hold anything but a line end.
  IFS=$NL
  set -f
  # shellcheck disable=SC2086 # lines
  set -- $guard_claims
  set +f
  unset IFS
  guard_images=''
  for guard_line; do
    shift
    set -- "$@" "${guard_line##*"$guard_tab"}"
    case $guard_line in
      *"${guard_tab}raw$guard_tab"*) ;;
      *) guard_images=$guard_images${guard_line##*"$guard_tab"}$NL ;;
    esac
  done
  for guard_file in "$root"/bases/*/*/root.img "$root"/packages/*/*/package.img; do set -- "$@" "$guard_file"; done
  guard_facts=$(guard_stat "$@")
  guard_chains
  guard_below
  # shellcheck disable=SC2086 # words
  set -- ${guard_own:-}
  guard_clash=$({
    printf '%s\n' "$guard_claims" "$guard_facts"
    losetup -l -n -O NAME,MAJ:MIN,BACK-MAJ:MIN,BACK-INO,RO 2>/dev/null || :
  } | awk -v own=" $* " -v off="${guard_off:-}" -v root="$root/" "$guard_clash_awk")
}

# The backends of running domains, and the heads of those that xendomains saved, with their configs in them.
guard_sources() {
  xenstore-ls -f /local/domain/0/backend 2>/dev/null || :
  for guard_file in "${DOMDECK_ROOT:-}"/var/lib/xen/save/*; do
    [ -f "$guard_file" ] || continue
    printf '\nguard_saved\t%s\n' "${guard_file##*/}"
    head -c 65536 -- "$guard_file" | tr -cd '[:print:]\n'
    echo
  done
}

# Those that are not there claim nothing.
guard_stat() { # FILE...
  stat -L --printf='T\t%f\t%d:%i\t%t:%T\t%n\n' -- "$@" 2>/dev/null || :
}

# Adds the backing files of $guard_images, and theirs, to $guard_facts.
guard_chains() {
  guard_depth=0
  while [ -n "$guard_images" ] && [ "$guard_depth" -lt 16 ]; do
    guard_depth=$((guard_depth + 1))
    IFS=$NL
    set -f
    # shellcheck disable=SC2086 # lines
    set -- $guard_images
    set +f
    unset IFS
    for guard_file; do
      shift
      [ ! -f "$guard_file" ] || set -- "$@" "$guard_file"
    done
    [ $# -gt 0 ] || return 0
    guard_links=$(for guard_file; do head -c 4096 -- "$guard_file" | od -An -v -tx1 -w4096; done | awk "$guard_backing_awk" "$@")
    guard_images=''
    IFS=$NL
    set -f
    # shellcheck disable=SC2086 # lines
    set -- $guard_links
    set +f
    unset IFS
    for guard_line; do
      shift
      set -- "$@" "${guard_line##*"$guard_tab"}"
      guard_images=$guard_images${guard_line##*"$guard_tab"}$NL
    done
    [ $# = 0 ] || guard_facts=$guard_facts$NL$guard_links$NL$(guard_stat "$@")
  done
}

# Adds what each block device stands on to $guard_facts, by the kernel's own books. No fork.
guard_below() {
  guard_sys=${DOMDECK_ROOT:-}/sys/class/block
  for guard_file in "$guard_sys"/*/slaves/*/dev "$guard_sys"/*/partition; do
    case $guard_file in
      */partition) guard_upper=${guard_file%/partition} guard_lower=$guard_upper/../dev ;;
      *) guard_upper=${guard_file%/slaves/*} guard_lower=$guard_file ;;
    esac
    { read -r guard_lower <"$guard_lower" && read -r guard_upper <"$guard_upper/dev"; } 2>/dev/null || continue
    guard_facts="$guard_facts${NL}H$guard_tab$guard_upper$guard_tab$guard_lower"
  done
}

# Sets guard_what and guard_hint from guard_clash; fails when the holder may be gone in a moment.
guard_explain() {
  guard_rest=$guard_clash
  for guard_field in kind owner holding name vdev path; do
    guard_value=${guard_rest%%"$guard_tab"*}
    guard_rest=${guard_rest#*"$guard_tab"}
    eval "guard_$guard_field=\$guard_value"
  done
  guard_disk=$guard_path
  [ -z "$guard_vdev" ] || guard_disk="The disk $guard_vdev of $guard_name, $guard_path,"
  guard_also=''
  [ "$guard_holding" = "$guard_path" ] || guard_also=" as $guard_holding"
  guard_hint="Give each guest a disk of its own: one that writes to the disk of another destroys what is on it."
  case $guard_kind in
    D)
      guard_holder=$(xl domname "$guard_owner" 2>/dev/null) || guard_holder=''
      guard_what="$guard_disk is in use$guard_also by ${guard_holder:-domain $guard_owner}, which runs."
      guard_hint="Shut down ${guard_holder:-domain $guard_owner} first. $guard_hint"
      [ -n "$guard_holder" ]
      ;;
    X)
      guard_what="$guard_disk belongs$guard_also to $guard_owner, which is saved: its memory knows what is on the disk now."
      guard_hint="Restore $guard_owner and shut it down, or discard what was saved. $guard_hint"
      ;;
    C)
      guard_what="$guard_disk belongs$guard_also to ${guard_owner%%"$guard_mark"*} too, by its config ${guard_owner#*"$guard_mark"}."
      ;;
    S)
      guard_what="$guard_disk is named a second time$guard_also in the same config."
      guard_hint="Take one of the two out of the config."
      ;;
    M)
      guard_what="$guard_disk is mounted on the host at $guard_owner."
      guard_hint="Unmount it first: umount $guard_owner."
      ;;
    B)
      case $guard_holding in "$root"/packages/*) guard_shared='a package image' ;; *) guard_shared='a base' ;; esac
      guard_what="$guard_disk would be opened for writing, and it is $guard_shared that guests share, $guard_holding."
      guard_hint="Give it access=ro in the config, or make a copy of it for this guest."
      ;;
    L)
      guard_what="$guard_disk is attached to $guard_owner on the host, for writing."
      guard_hint="Find out who uses it: lsblk $guard_owner. If nobody does: losetup -d $guard_owner."
      return 1
      ;;
  esac
}
