#!/bin/sh
# Pretend mount, umount, unshare, chroot and what else an import of an image needs root for; which one is told by the name it
# is run as. An ext4 image is unpacked to the mount point by debugfs and packed again by mke2fs at umount: real tools that
# need no privilege, so what a job writes into an image is in it afterwards. grub-install is another such: it writes what a job looks for.
set -eu
me=${0##*/}
mounts=${SIM_MOUNTS:-$SIM_HOST/xen/mounts}

fail() {
  printf '%s: %s\n' "$me" "$1" >&2
  exit 32
}

# uncover DIR KIND SOURCE ACCESS keep|drop: takes away what stands on a mount point.
uncover() {
  [ "$2" != view ] || return 0
  if [ "$2" = image ] && [ "$4" = rw ] && [ "$5" = keep ]; then
    : >"$3.packing"
    truncate -s "$(stat -c %s -- "$3")" -- "$3.packing"
    mke2fs -q -F -t ext4 -U "$(blkid -p -o value -s UUID -- "$3")" -d "$1" "$3.packing" 2>/dev/null || fail "$3: cannot be written back."
    # In place: a loop device or a hard link names the same file.
    cp --sparse=always -- "$3.packing" "$3"
    rm -f -- "$3.packing"
    if [ -f "$3.of" ]; then
      read -r offset whole <"$3.of"
      dd if="$3" of="$whole" bs=512 seek="$offset" conv=notrunc status=none
      rm -f -- "$3" "$3.of"
    fi
  fi
  rm -rf -- "$1"
  [ ! -d "$1.covered" ] || mv -T -- "$1.covered" "$1"
}

# cover DIR: an empty folder on top of DIR.
cover() {
  [ -d "$1" ] || fail "$1: mount point does not exist."
  mv -T -- "$1" "$1.covered"
  mkdir -- "$1"
}

# A file system that lies in a disk image, as a file of its own. It ends where it says so, unless the mount does.
cut_part() {
  offset=${options##*offset=} offset=$((${offset%%,*} / 512))
  case $options in
    *sizelimit=*) bytes=${options##*sizelimit=} bytes=${bytes%%,*} ;;
    *)
      bytes=$(dumpe2fs -h "/dev/stdin?offset=$((offset * 512))" <"$source" 2>/dev/null | awk '/^Block (count|size):/ { n[$2] = $3 } END { print n["count:"] * n["size:"] }')
      ;;
  esac
  part=$(mktemp "$SIM_HOST/tmp/part.XXXXXX")
  dd if="$source" of="$part" bs=512 skip="$offset" count=$((bytes / 512)) conv=sparse status=none
  printf '%s %s\n' "$offset" "$source" >"$part.of"
  source=$part
}

do_mount() {
  options='' kind='' source=''
  while [ $# -gt 0 ]; do
    case $1 in
      --) shift && break ;;
      -o) options=$2 && shift ;;
      -t) kind=$2 && shift ;;
      -r) options=$options,ro ;;
      --bind | --rbind) kind=bind ;;
      -*) ;;
      *) break ;;
    esac
    shift
  done
  [ $# -eq 2 ] || fail 'bad usage'
  source=$1 point=$2
  case $kind in
    bind)
      # A device node bound into a chroot: nothing will read it.
      [ -d "$source" ] || return 0
      case $point in
        # Over a folder of the host itself, which nobody outside the namespace sees: grub.sh looks it up.
        "${DOMDECK_ROOT:-/none}"/*) kind=view ;;
        *)
          cover "$point"
          rmdir -- "$point"
          ln -s -- "$source" "$point"
          ;;
      esac
      ;;
    '' | ext4)
      source=$(readlink -f -- "$source")
      [ -f "$source" ] || fail "$source: failed to setup loop device: No such file or directory"
      case ",$options," in
        *,offset=0,*) case $options in *sizelimit=*) cut_part ;; esac ;;
        *,offset=*) cut_part ;;
      esac
      debugfs -R 'stat <2>' /dev/stdin <"$source" 2>/dev/null | grep -q '^Inode:' ||
        fail "$point: wrong fs type, bad option, bad superblock on $source, missing codepage or helper program, or other error."
      cover "$point"
      (cd "$point" && debugfs -R 'rdump / .' /dev/stdin <"$source" >/dev/null 2>&1)
      rm -rf -- "$point/lost+found"
      kind=image
      ;;
    overlay)
      # All but what the upper one deletes, which debugfs does not unpack.
      lower=${options##*lowerdir=}
      cover "$point"
      lower=:$lower
      while [ -n "$lower" ]; do
        cp -a -- "${lower##*:}/." "$point/"
        lower=${lower%:*}
      done
      ;;
    *) cover "$point" ;;
  esac
  case ",$options," in *,ro,*) access=ro ;; *) access=rw ;; esac
  printf '%s\t%s\t%s\t%s\n' "$point" "$kind" "$source" "$access" >>"$mounts"
}

# leave DIR keep|drop: takes the mount on DIR away, and those below it.
leave() {
  # The last mounted first.
  POINT=$1 awk -F '\t' '$1 == ENVIRON["POINT"] || index($1, ENVIRON["POINT"] "/") == 1 { row[++n] = $0 }
    END { for (; n > 0; n--) print row[n] }' "$mounts" >"$mounts.leaving"
  while IFS=$(printf '\t') read -r point kind source access; do
    uncover "$point" "$kind" "$source" "$access" "$2"
  done <"$mounts.leaving"
  POINT=$1 awk -F '\t' '!($1 == ENVIRON["POINT"] || index($1, ENVIRON["POINT"] "/") == 1)' "$mounts" >"$mounts.new"
  mv -f -- "$mounts.new" "$mounts"
  rm -f -- "$mounts.leaving"
}

case $me in
  mount)
    [ $# -gt 0 ] || exit 0
    do_mount "$@"
    ;;
  umount)
    for point; do
      case $point in -*) continue ;; esac
      leave "$point" keep
    done
    ;;
  mountpoint)
    for point; do case $point in -*) ;; *) break ;; esac done
    POINT=$point awk -F '\t' '$1 == ENVIRON["POINT"] { found = 1 } END { exit !found }' "$mounts"
    ;;
  unshare)
    # Mounts of a namespace go with it, unwritten, if the command has not taken them away itself.
    while [ $# -gt 0 ]; do
      case $1 in
        --) shift && break ;;
        --propagation) shift 2 ;;
        -*) shift ;;
        *) break ;;
      esac
    done
    SIM_MOUNTS=$(mktemp "$SIM_HOST/xen/mounts.XXXXXX")
    export SIM_MOUNTS
    mounts=$SIM_MOUNTS
    code=0
    "$@" || code=$?
    leave '' drop
    rm -f -- "$SIM_MOUNTS"
    exit "$code"
    ;;
  chroot)
    # Only mkinitramfs is run in one: its initrd holds the scripts that are in the image, as a tar archive.
    root=$1 out='' version=''
    shift
    while [ $# -gt 0 ]; do
      case $1 in
        -o) out=$2 && shift ;;
        mkinitramfs) version=wanted ;;
        *) [ "$version" != wanted ] || [ -z "$out" ] || version=$1 ;;
      esac
      shift
    done
    [ "$out" ] || fail 'only mkinitramfs runs on a simulated host'
    made=$(mktemp -d "$SIM_HOST/tmp/initrd.XXXXXX")
    mkdir -p -- "$made/scripts/local-top" "$made/scripts/local-bottom" "$made/usr/lib/modules/$version/kernel"
    for script in local-top/domdeck local-bottom/domdeck; do
      [ ! -e "$root/etc/initramfs-tools/scripts/$script" ] || cp -- "$root/etc/initramfs-tools/scripts/$script" "$made/scripts/$script"
    done
    more=$(grep -s '^[a-z]' "$root/etc/initramfs-tools/modules") || more=''
    for module in overlay xen-blkfront ext4 $more; do : >"$made/usr/lib/modules/$version/kernel/$module.ko"; done
    tar -C "$made" -czf "$root$out" -- scripts usr
    rm -rf -- "$made"
    ;;
  lsinitramfs)
    for file; do case $file in -*) ;; *) break ;; esac done
    tar -tzf "$file"
    ;;
  cpio)
    # As read from an initrd of the chroot above.
    case " $* " in
      *' -t '*) exec tar -t ;;
    esac
    for word; do case $word in -*) ;; *) exec tar -xO "$word" ;; esac done
    ;;
  fstrim) ;;
  grub-install)
    for word; do case $word in --boot-directory=*) boot=${word#*=} ;; --version) echo 'grub-install (GRUB) 2.06-13+deb12u2' && exit 0 ;; esac done
    image=$(sed -n 's/^(hd0) //p' "$boot/grub/device.map")
    modules=$DOMDECK_ROOT/usr/lib/grub/i386-pc
    mkdir -p -- "$boot/grub/i386-pc"
    cp -- "$modules/boot.img" "$boot/grub/i386-pc/"
    head -c 600 </dev/zero | tr '\0' G >"$boot/grub/i386-pc/core.img"
    : >"$boot/grub/i386-pc/normal.mod"
    # Its code, the sector of the core image (behind the tables of a GPT), and the signature; the partition table stays.
    dd if="$modules/boot.img" of="$image" bs=1 count=440 conv=notrunc status=none
    dd if="$modules/boot.img" of="$image" bs=1 skip=510 seek=510 count=2 conv=notrunc status=none
    dd if="$boot/grub/i386-pc/core.img" of="$image" bs=512 seek=64 conv=notrunc status=none
    echo 'Installing for i386-pc platform.'
    echo 'Installation finished. No error reported.'
    ;;
esac
