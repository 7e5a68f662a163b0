# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Disks that a guest encrypts for itself: this host makes them empty, and never has a key. What is in their first block names the guest and
# the use they were made for; the guest's initrd writes to no other (resources/guest/initramfs/scripts/domdeck-encryption).

# Ends the job unless guests of this mode on this generation can.
check_encryption() {
  case $mode in
    overlay | throwaway) ;;
    *) fail BAD_INPUT "A guest with a root disk of its own has no encrypted disks." "Choose overlay or throwaway." ;;
  esac
  grep -qs '"encryption":true' "$image/base.json" ||
    fail BAD_INPUT "The initrd of generation $generation of $base cannot encrypt." \
      "Install cryptsetup-bin in a draft of $base and publish it, or clone without encryption."
}

make_marked_disk() { # FILE UUID ROLE BYTES
  printf 'domdeck-disk 1\nguest %s\nrole %s\n' "$2" "$3" >"$1"
  run truncate -s "$4" -- "$1"
  run chmod 0600 "$1"
}

# Those that $encrypted and $swap_mb ask for, of each guest in $guests.
make_encrypted_disks() {
  case $mode in overlay) encrypted_role=layer ;; *) encrypted_role=throwaway ;; esac
  # shellcheck disable=SC2086 # words of a-z, 0-9, dashes and colons
  set -- $guests
  while [ $# -gt 0 ]; do
    [ -z "$encrypted" ] || make_marked_disk "$root/guests/$1/layer.img" "$2" "$encrypted_role" "${layer_mb}M"
    [ -z "$swap_mb" ] || make_marked_disk "$root/guests/$1/swap.img" "$2" swap "${swap_mb}M"
    shift 3
  done
}

# Sets encrypted_about to what guest.json says of them.
encrypted_members() {
  encrypted_about=''
  [ -z "$encrypted" ] || encrypted_about=',"encrypted":true'
  [ -z "$swap_mb" ] || encrypted_about="$encrypted_about,\"encryptedSwap\":true"
}
