# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The disks of a guest of ours, whatever the mode it was made in. base-device.sh, guest-packages.sh, volumes.sh and domain.sh stand above this
# text.

# Sets disk to the file that the guest writes to: its layer, or a disk of its own; '' for one in RAM or on a volume.
own_disk() { # FOLDER
  for disk in "$1/layer.img" "$1/disk.img" "$1/disk.qcow2" ''; do
    [ ! -f "$disk" ] || break
  done
}

# Sets disk, and waits until nobody has it open any more; else fails. A qcow2 is open in the qemu of its domain, which ends a moment
# after it, and nothing but we would keep two of them from writing to one file.
release_disk() { # FOLDER
  [ ! -f "$1/swap.img" ] || release_layer "$1/swap.img" || return 1
  own_disk "$1"
  case $disk in
    '') return 0 ;;
    *.qcow2) ;;
    *)
      release_layer "$disk"
      return
      ;;
  esac
  release_tries=0
  while [ -n "$(find /proc/[0-9]*/fd -lname "$disk" 2>/dev/null)" ]; do
    release_tries=$((release_tries + 1))
    if [ "$release_tries" -gt 100 ]; then
      printf '%s\n' "$disk is still open in a program." >&2
      return 1
    fi
    sleep 0.2
  done
}

# The same, and ends the job if somebody keeps it.
free_disk() { # FOLDER NAME
  release_disk "$1" || fail BUSY "$disk, the disk of $2, is in use." "Find out who uses it: losetup -j $disk; fuser -v $disk."
}

# Brings what the guest stands on to where its config looks for it: after a reboot of dom0 no base is attached. Ends the job if it is gone.
ready_disks() { # FOLDER NAME
  guest_about=''
  read -r guest_about <"$1/guest.json" || :
  volume_of "$1"
  if [ -n "$volume" ]; then
    volume_exists "$volume" ||
      fail NOT_FOUND "The disk of $2, the volume $volume, is not on this host." "Look whether the disks of its volume group are all there: pvs, lvs."
    run lvchange -q -ay "$volume"
  fi
  # A copy stands on no base, nor does an adopted guest.
  case $guest_about in *'"base":"'*) ;; *) return 0 ;; esac
  guest_base=${guest_about#*\"base\":\"} guest_base=${guest_base%%\"*}
  guest_generation=${guest_about#*\"generation\":} guest_generation=${guest_generation%%[!0-9]*}
  [ -s "$root/bases/$guest_base/$guest_generation/root.img" ] ||
    fail NOT_FOUND "$2 stands on generation $guest_generation of $guest_base, which is not on this host." "Bring that generation back; the disk of $2 is of no use without it."
  case $guest_about in
    *'"mode":"overlay"'* | *'"mode":"throwaway"'*) attach_base "$guest_base" "$guest_generation" ;;
  esac
  read_packages "$guest_about"
  while read -r package_name package_version _; do
    [ "${package_version:-0}" != 0 ] || continue
    [ -s "$root/packages/$package_name/$package_version/package.img" ] ||
      fail NOT_FOUND "$2 has version $package_version of $package_name in its stack, which is not on this host." "Bring that package image back, or detach it from $2."
    attach_package "$package_name" "$package_version"
  done <<-END
	$packages
	END
}

detach_packages() { # those of $packages that nobody has any more
  while read -r package_name package_version _; do
    [ "${package_version:-0}" = 0 ] || detach_package "$package_name" "$package_version"
  done <<-END
	$packages
	END
}
