# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The layer of the guest $guest, for a job that makes the image $name from it. domain.sh and stopped-guest.sh stand above this text.

# Sets what own_guest does, and layer; ends the job unless the guest is off and has written to it. A journal in it is replayed.
guest_layer() { # HINT for a guest that was never started
  image_name=$name name=$guest
  stopped_layer
  readable_layer "Take a guest whose layer is not encrypted."
  name=$image_name
  debugfs -R 'stat /upper' "$layer" 2>/dev/null | grep -q '^Inode:' ||
    fail BAD_INPUT "$guest has never been started: all there is of it is generation $generation of $base." "$1"
  # A guest on an overlay cannot close its layer when it shuts down, so there may be a journal to replay, which its next boot would do.
  if dumpe2fs -h "$layer" 2>/dev/null | awk -F ': *' '
    $1 == "Filesystem state" && $2 != "clean" || $1 == "Filesystem features" && " " $2 " " ~ / needs_recovery / { unclean = 1 }
    END { exit !unclean }'; then
    # 1: mended.
    try e2fsck -f -p "$layer" || [ $? = 1 ] ||
      fail PREFLIGHT_FAILED "The file system in the layer of $guest has errors." "Check and repair the layer first."
  fi
}
