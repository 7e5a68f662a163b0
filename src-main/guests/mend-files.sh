# shellcheck shell=sh disable=SC2154,SC2034 # names of the environment, and of mend-words.sh, which stands above this text
# mend-files.sh WORK DISK OFFSET ROLE: mends the files of one file system, or with ROLE `back` puts back what it changed, with `check` sees that it is
# still so, with `initrd:PATH` writes WORK/initrd.img. The job runs it in namespaces of its own, so that the mount goes with it whatever ends it.
# Nothing of the image is executed here.
#
# Files are read through debugfs and written through a mount: debugfs changes blocks under a file system without its journal, and cut off in the middle
# leaves it broken. The kernel's ext4 makes each rename whole or nothing, also over a power cut. With nosymfollow no link in the image leads a write out of
# it, or anywhere; nodev and noexec take the rest of what a hostile image could offer. It is mounted only to be mended, as its next boot would.
#
# WORK/files has a line `OFFSET KIND NUMBER PATH` for each file that was changed, written before the change; WORK/before/NUMBER is the file as it was
# (KIND file, or none for what was not there). WORK/after has a line `OFFSET PATH SUM` of what it became.
set -eu
export LC_ALL=C
umask 022
work=$1 disk=$2 offset=$3 role=$4
# The locks of the job are not ours to hold.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
tab=$(printf '\t')
options=nosymfollow,nodev,nosuid,noexec,noatime
if [ ! -b "$disk" ] || [ "$offset" != 0 ]; then options=loop,offset=$offset,$options; fi
mount -t ext4 -o "$options" -- "$disk" "$work/mnt"
cd -- "$work/mnt"

# With nosymfollow nothing on the way of a link can be opened; here it is passed over, and the job says in the end that it was not mended.
is_plain() { # PATH
  walk=$1
  while :; do
    if [ -L "$walk" ]; then
      echo "/$walk is a link, and is left alone." >&2
      return 1
    fi
    case $walk in */*) walk=${walk%/*} ;; *) return 0 ;; esac
  done
}

# Whether a path is nothing yet, or a plain file of at most so many bytes: a pipe would be waited for, and a copy of what is absurd is kept.
is_mendable() { # PATH BYTES
  is_plain "$1" || return 1
  [ -e "$1" ] || return 0
  if [ -f "$1" ] && [ "$(stat -c %s -- "$1")" -le "$2" ]; then return 0; fi
  echo "/$1 is no plain file of at most $2 bytes, and is left alone." >&2
  return 1
}

sum_of() { # PATH
  if [ -L "$1" ]; then readlink -- "$1"; elif [ -f "$1" ]; then cksum <"$1"; else echo none; fi
}

# Keeps a file as it is, once, and on the host's disk before it is changed.
keep() { # PATH
  case $kept in *" $1 "*) return 0 ;; esac
  count=$((count + 1))
  kind=none
  if [ -e "$1" ] || [ -L "$1" ]; then
    kind='file'
    cp -a -- "$1" "$work/before/$offset.$count"
  fi
  printf '%s\t%s\t%s\t%s\n' "$offset" "$kind" "$offset.$count" "$1" >>"$work/files"
  sync -f "$work"
  kept="$kept$1 "
}

# A rename of a whole, synced file: the old one or the new one is there at each moment. It is kept before, and not in here: this may be the end of a
# pipe, which remembers nothing.
replace() { # PATH; stdin is the new text
  # Whatever has that name in the image.
  rm -rf --one-file-system -- "$1.domdeck"
  cat >"$1.domdeck"
  if [ -e "$1" ]; then
    chmod --reference="$1" -- "$1.domdeck"
    chown --reference="$1" -- "$1.domdeck"
  fi
  sync "$1.domdeck"
  mv -fT -- "$1.domdeck" "$1"
}

mend_file() { # PATH FUNCTION
  is_mendable "$1" 262144 || return 0
  if [ ! -e "$1" ]; then
    [ "$2" = mend_upstart ] || return 0
    mend_old=''
  elif [ "$(tr -d '\0' <"$1" | cksum)" != "$(cksum <"$1")" ]; then
    echo "/$1 is no text, and is left alone." >&2
    return 0
  else
    mend_old=$(cat -- "$1")
  fi
  mend_now=$(mend_text "$2")
  [ "$mend_old" != "$mend_now" ] || return 0
  keep "$1"
  printf '%s\n' "$mend_now" | replace "$1"
  echo "/$1: mended"
}

mend_units() {
  is_plain etc/systemd/system || return 0
  unit=etc/systemd/system/serial-getty@hvc0.service
  if [ -L "$unit" ]; then
    keep "$unit"
    rm -f -- "$unit"
  fi
  unit=etc/systemd/system/getty.target.wants/serial-getty@hvc0.service
  if [ -L "$unit" ] || ! is_plain "${unit%/*}"; then return 0; fi
  keep "$unit"
  mkdir -p -- "${unit%/*}"
  ln -sfn -- /lib/systemd/system/serial-getty@.service "$unit"
  echo "/$unit: made"
}

mend_all() {
  count=0 kept=' '
  rows=$(mend_table "$role")
  while read -r id path function; do
    case " $mend_ids " in *" $id "*) mend_file "${path#/}" "$function" ;; esac
  done <<-END
	$rows
	END
  case $role$mend_init" $mend_ids " in rootsystemd*' getty '*) mend_units ;; esac
  # What the initrd is made with; mend-initrd.sh makes it.
  case $role" $mend_ids " in
    root*' initrd '*)
      is_mendable etc/initramfs-tools/modules 262144
      keep etc/initramfs-tools/modules
      {
        [ ! -f etc/initramfs-tools/modules ] || cat etc/initramfs-tools/modules
        printf '%s\n' xen-blkfront xen-netfront virtio_pci virtio_blk virtio_net
      } | awk '/^[a-z]/ && seen[$1]++ { next } { print }' | replace etc/initramfs-tools/modules
      ;;
  esac
  tell_after
}

tell_after() {
  for path in $kept; do printf '%s\t%s\t%s\n' "$offset" "$path" "$(sum_of "$path")" >>"$work/after"; done
}

mend_initrd() { # PATH
  is_mendable "$1" 1073741824
  count=1000 kept=' '
  keep "$1"
  replace "$1" <"$work/initrd.img"
  tell_after
}

# The last change first. Each can be put back twice.
put_all_back() {
  [ -f "$work/files" ] || return 0
  awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$work/files" >"$work/reverse"
  while IFS=$tab read -r at kind number path; do
    [ "$at" = "$offset" ] || continue
    rm -rf --one-file-system -- "$path.domdeck"
    if [ "$kind" = none ]; then
      rm -f -- "$path"
    else
      cp -a -- "$work/before/$number" "$path.domdeck"
      mv -fT -- "$path.domdeck" "$path"
    fi
    echo "/$path: put back"
  done <"$work/reverse"
}

# What somebody has changed since is theirs. One that is as it was before has been put back already, by a try that was cut off.
still_so() {
  while IFS=$tab read -r at path sum; do
    [ "$at" = "$offset" ] || continue
    now=$(sum_of "$path")
    if [ "$now" != "$sum" ] && [ "$now" != "$(sum_before "$path")" ]; then
      echo "/$path has been changed since." >&2
      exit 3
    fi
  done <"$work/after"
}

sum_before() { # PATH
  while IFS=$tab read -r _ kind number before; do
    [ "$before" = "$1" ] || continue
    if [ "$kind" = none ]; then echo none; else sum_of "$work/before/$number"; fi
  done <"$work/files"
}

case $role in
  back) put_all_back ;;
  check) still_so ;;
  initrd:*) mend_initrd "${role#initrd:}" ;;
  *) mend_all ;;
esac
sync -f .
cd /
umount -- "$work/mnt"
