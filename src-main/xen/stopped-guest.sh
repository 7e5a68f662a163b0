# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# A guest of ours that is off, so that its layer is nobody's while a job works on it. domain.sh stands above this text.

# Sets folder, about, base, generation and mode of the guest $name, or ends the job unless it is $uuid.
own_guest() {
  folder=$root/guests/$name about=''
  { IFS= read -r about <"$folder/guest.json"; } 2>/dev/null || :
  case $about in
    '') fail NOT_FOUND "$name is not a guest that Domdeck made on this host." "Refresh, and look again." ;;
    *"\"uuid\":\"$uuid\""*) ;;
    *) fail NOT_FOUND "$folder holds another guest of the same name." "Refresh, and look again." ;;
  esac
  read_origin
}

# What the line $about of a guest.json says.
read_origin() {
  base='' generation='' mode=${about#*\"mode\":\"}
  mode=${mode%%\"*}
  case $about in
    *'"base":"'*)
      base=${about#*\"base\":\"} base=${base%%\"*}
      generation=${about#*\"generation\":} generation=${generation%%[!0-9]*}
      ;;
  esac
}

# Ends the job for a guest that is made otherwise, and says why it has not what the job is for.
refuse_mode() { # WHAT HINT
  case $mode in
    throwaway) fail BAD_INPUT "$name has $1: it writes to RAM, and loses it when it is shut down." "$2" ;;
    copy | reflink) fail BAD_INPUT "$name has $1: its root disk is a copy of its own, which stands on no base." "$2" ;;
    thin) fail BAD_INPUT "$name has $1: its root disk is a volume, a snapshot of the one generation that it was made of." "$2" ;;
    qcow2) fail BAD_INPUT "$name has $1: its qcow2 holds blocks, which mean nothing on another generation than its own." "$2" ;;
    *) fail BAD_INPUT "$name has $1: it was not made from a base." "$2" ;;
  esac
}

refuse_saved() {
  [ ! -e "$folder/saved" ] ||
    fail BUSY "$name is saved: the memory that was saved goes with its disks as they are now." "Start it and shut it down, or discard what was saved."
}

# The same, and sets layer. Ends the job unless the guest is off, is not saved, and nobody else has its layer.
stopped_layer() {
  own_guest
  [ "$mode" = overlay ] || refuse_mode "no layer to work on" "Only overlay guests have one."
  domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  [ -z "$domids" ] || fail BUSY "$name runs, and its layer is in use." "Shut it down first."
  refuse_saved
  layer=$folder/layer.img
  [ -f "$layer" ] || fail NOT_FOUND "The layer of $name, $layer, is gone." "Put it back, or delete the guest."
  release_layer "$layer" || fail BUSY "The layer of $name is in use." "Find out who uses it: losetup -j $layer."
}

# Ends the job for a layer that the guest encrypts: nothing here can read it.
readable_layer() { # HINT
  case $about in
    *'"encrypted":true'*) fail BAD_INPUT "The layer of $name is encrypted, and this host has no key to read it." "$1" ;;
  esac
}

# By one rename: before it the layer is the old one, after it the new one.
replace_layer() { # FILE
  run sync "$1"
  run mv -fT -- "$1" "$layer"
  run sync "$folder"
}
