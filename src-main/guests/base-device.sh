# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# One read-only loop device a generation, shared by all its guests, found again through the link $RUN/bases/NAME.GENERATION.
# Whoever calls these holds the lock `guests`.

# Without those of a mount that comes and goes: they clear themselves.
base_loops() { # NAME GENERATION: its read-only loop devices, a line each
  losetup -n -O NAME,RO,AUTOCLEAR -j "$root/bases/$1/$2/root.img" | while read -r loop_device loop_read_only loop_clears; do
    [ "$loop_read_only$loop_clears" != 10 ] || printf '%s\n' "$loop_device"
  done
}

# The usual case, with a single fork: the link leads to a read-only loop device of this very image.
base_attached() { # NAME GENERATION
  base_device=$(readlink -- "$RUN/bases/$1.$2") || return 1
  base_block=/sys/block/${base_device#/dev/}
  { read -r base_file <"$base_block/loop/backing_file" && read -r base_read_only <"$base_block/ro"; } 2>/dev/null || return 1
  [ "$base_file" = "$root/bases/$1/$2/root.img" ] && [ "$base_read_only" = 1 ]
}

attach_base() { # NAME GENERATION: attaches it unless it is; after a reboot of dom0 nothing is attached
  if base_attached "$1" "$2"; then return 0; fi
  base_link=$RUN/bases/$1.$2
  capture base_device base_loops "$1" "$2"
  base_device=${base_device%%"$NL"*}
  mkdir -p -- "$RUN/bases"
  if [ -z "$base_device" ]; then
    undo detach_base "$1" "$2"
    capture base_device losetup -r -f --show -- "$root/bases/$1/$2/root.img"
  fi
  if [ "$(readlink -- "$base_link")" != "$base_device" ]; then
    undo detach_base "$1" "$2"
    run ln -sfn -- "$base_device" "$base_link"
  fi
}

# Keeps it while a guest stands on it, stopped or running: one in the middle of a reboot has no disk in xenstore.
detach_base() { # NAME GENERATION
  if grep -qs "\"base\":\"$1\",\"generation\":$2," "$root"/guests/*/guest.json; then return 0; fi
  base_link=$RUN/bases/$1.$2
  base_users=$(xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null) || base_users=''
  case $base_users in
    *"= \"$base_link\""*) return 0 ;;
  esac
  for base_device in $(base_loops "$1" "$2"); do
    case $base_users in
      *"= \"$base_device\""*) return 0 ;;
    esac
    losetup -d "$base_device"
  done
  rm -f -- "$base_link"
}
