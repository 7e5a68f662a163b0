# shellcheck shell=sh disable=SC2034,SC2154 # names shared with the scripts around
# What is in an initrd.

# An initrd is one cpio archive, packed or not; lsinitramfs also knows those that begin with microcode.
initrd_list() { # INITRD: the names in it
  { lsinitramfs "$1" 2>/dev/null || initrd_unpack "$1" | cpio -t --quiet 2>/dev/null; } | sed 's|^\./||'
}

initrd_cat() { # INITRD PATH: one file of it
  initrd_unpack "$1" | cpio -i --quiet --to-stdout "$2" "./$2" 2>/dev/null
}

initrd_unpack() { # INITRD
  initrd_magic=$(head -c 4 -- "$1" | od -An -tx1)
  initrd_filter "$initrd_magic" <"$1"
}

# The drivers that find disks and networks of Xen and of KVM, in the names of an initrd.
initrd_drivers() { # NAMES from stdin
  sed -n 's,.*/\(xen-blkfront\|xen-netfront\|virtio_pci\|virtio_blk\|virtio_net\)\.ko.*,\1,p'
}

initrd_filter() { # MAGIC, the first four bytes in hex
  case $1 in
    *'1f 8b '*) gzip -dc ;;
    *'fd 37 7a 58'*) xz -dc ;;
    *'28 b5 2f fd'*) zstd -dcq ;;
    *'42 5a 68'*) bzip2 -dc ;;
    *'02 21 4c 18'*) lz4 -dc ;;
    *) cat ;;
  esac
}
