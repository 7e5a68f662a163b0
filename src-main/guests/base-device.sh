# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# One read-only loop device a generation, and one a package image, shared by all guests on it, found again through a link:
# $RUN/bases/NAME.GENERATION, $RUN/packages/NAME.VERSION. Whoever calls these holds the lock `guests`.

# Without those of a mount that comes and goes: they clear themselves.
shared_loops() { # IMAGE: its read-only loop devices, a line each
  losetup -n -O NAME,RO,AUTOCLEAR -j "$1" | while read -r loop_device loop_read_only loop_clears; do
    [ "$loop_read_only$loop_clears" != 10 ] || printf '%s\n' "$loop_device"
  done
}

# The usual case, with a single fork: the link leads to a read-only loop device of this very image.
shared_attached() { # IMAGE LINK
  shared_device=$(readlink -- "$2") || return 1
  shared_block=/sys/block/${shared_device#/dev/}
  { read -r shared_file <"$shared_block/loop/backing_file" && read -r shared_read_only <"$shared_block/ro"; } 2>/dev/null || return 1
  [ "$shared_file" = "$1" ] && [ "$shared_read_only" = 1 ]
}

# Attaches it unless it is; after a reboot of dom0 nothing is attached. DETACH NAME NUMBER takes it back.
attach_shared() { # IMAGE LINK DETACH NAME NUMBER
  if shared_attached "$1" "$2"; then return 0; fi
  capture shared_device shared_loops "$1"
  shared_device=${shared_device%%"$NL"*}
  mkdir -p -- "${2%/*}"
  if [ -z "$shared_device" ]; then
    undo "$3" "$4" "$5"
    capture shared_device losetup -r -f --show -- "$1"
  fi
  if [ "$(readlink -- "$2")" != "$shared_device" ]; then
    undo "$3" "$4" "$5"
    run ln -sfn -- "$shared_device" "$2"
  fi
}

# Keeps it while it is the disk of a domain.
detach_shared() { # IMAGE LINK
  shared_users=$(xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null) || shared_users=''
  case $shared_users in
    *"= \"$2\""*) return 0 ;;
  esac
  for shared_device in $(shared_loops "$1"); do
    case $shared_users in
      *"= \"$shared_device\""*) return 0 ;;
    esac
    losetup -d "$shared_device"
  done
  rm -f -- "$2"
}

attach_base() { # NAME GENERATION
  attach_shared "$root/bases/$1/$2/root.img" "$RUN/bases/$1.$2" detach_base "$1" "$2"
}

# Keeps it while a guest stands on it, stopped or running: one in the middle of a reboot has no disk in xenstore.
detach_base() { # NAME GENERATION
  if grep -qs "\"base\":\"$1\",\"generation\":$2," "$root"/guests/*/guest.json; then return 0; fi
  detach_shared "$root/bases/$1/$2/root.img" "$RUN/bases/$1.$2"
}

attach_package() { # NAME VERSION
  attach_shared "$root/packages/$1/$2/package.img" "$RUN/packages/$1.$2" detach_package "$1" "$2"
}

# The same for one in the stack of a guest.
detach_package() { # NAME VERSION
  if grep -qs "{\"name\":\"$1\",\"version\":$2[,}]" "$root"/guests/*/guest.json; then return 0; fi
  detach_shared "$root/packages/$1/$2/package.img" "$RUN/packages/$1.$2"
}
