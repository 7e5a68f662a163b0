# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# What is in an image of a whole disk: its partitions, the file systems in them and in linear volumes of LVM, the root, its kernels. Read from the
# file by partx, blkid and GRUB's own drivers (grub-fstest), so what is found here is what GRUB will find. Nothing is attached, activated or
# written: a volume group of the image never meets one of the host, whatever their names.

# Sets disk_table (dos, gpt or empty), disk_bios to 1 where there is a BIOS boot partition, disk_first to the first sector of a partition, and
# disk_systems: a line `DEVICE ROOT TYPE UUID PIECES` a file system. DEVICE is GRUB's name of it, ROOT what the kernel takes for root=, PIECES where it
# lies, START+COUNT by commas; sectors are of 512 bytes. disk_others has in words what cannot be used.
disk_read() { # FILE
  disk_file=$1 disk_table='' disk_bios='' disk_first='' disk_systems='' disk_others=''
  disk_end=$(($(stat -L -c %s -- "$1") / 512))
  disk_parts=$(partx -g --raw -o NR,START,SECTORS,TYPE,SCHEME -- "$1" 2>/dev/null) || disk_parts=''
  while read -r disk_number disk_start disk_count disk_type disk_scheme; do
    [ -n "$disk_scheme" ] || continue
    disk_table=$disk_scheme
    if [ "$disk_start" -lt "${disk_first:-$disk_end}" ]; then disk_first=$disk_start; fi
    case $disk_type in
      # BIOS boot; extended partitions, which hold others.
      21686148-6449-6e6f-744e-656564454649) disk_bios=1 ;;
      0x5 | 0xf | 0x85) ;;
      *)
        if [ $((disk_start + disk_count)) -gt "$disk_end" ]; then
          disk_others="${disk_others}partition $disk_number ends behind the end of the image, "
          continue
        fi
        case $disk_scheme in
          dos) disk_device=loop0,msdos$disk_number ;;
          *) disk_device=loop0,gpt$disk_number ;;
        esac
        disk_add "$disk_device" '' "$disk_start+$disk_count" "partition $disk_number"
        ;;
    esac
  done <<-END
	$disk_parts
	END
}

disk_add() { # DEVICE ROOT PIECES NAME
  disk_at=${3%%,*}
  disk_probe=$(blkid -p -o export -O $((${disk_at%+*} * 512)) -S $((${disk_at#*+} * 512)) -- "$disk_file" 2>/dev/null) || disk_probe=''
  disk_kind='' disk_uuid=''
  while IFS='=' read -r disk_key disk_value; do
    case $disk_key in
      TYPE) disk_kind=$disk_value ;;
      UUID) disk_uuid=$disk_value ;;
    esac
  done <<-END
	$disk_probe
	END
  case $disk_kind:$disk_uuid in
    LVM2_member:*)
      case $1 in lvm/*) ;; *) disk_add_volumes "${disk_at%+*}" "$4" && return ;; esac
      ;;
    # It goes into grub.cfg.
    ext[234]:*[!0-9a-f-]* | ext[234]: | xfs:*[!0-9a-f-]* | xfs: | btrfs:*[!0-9a-f-]* | btrfs:) ;;
    ext[234]:* | xfs:* | btrfs:*)
      disk_systems="$disk_systems$1 ${2:-UUID=$disk_uuid} $disk_kind $disk_uuid $3$NL"
      return
      ;;
    swap:* | :*) return ;;
  esac
  disk_others="$disk_others$4 holds $disk_kind, "
}

# The volumes of a physical volume that begins at this sector; fails when their group cannot be read.
disk_add_volumes() { # START NAME
  disk_volumes=$(disk_metadata "$1" | tr -cd '[:print:]\t\n' | awk -v start="$1" -v end="$disk_end" "$disk_volumes_awk") || return 1
  while read -r disk_group disk_volume disk_pieces; do
    case $disk_pieces in
      '') continue ;;
      [!0-9]*) disk_others="${disk_others}volume $disk_group/$disk_volume is $disk_pieces, " && continue ;;
    esac
    # As device-mapper and GRUB name a volume: a dash in a name is doubled.
    disk_volume=$(printf '%s\n%s\n' "$disk_group" "$disk_volume" | sed 's/-/--/g' | paste -s -d - -)
    disk_add "lvm/$disk_volume" "/dev/mapper/$disk_volume" "$disk_pieces" "volume $disk_volume"
  done <<-END
	$disk_volumes
	END
}

# The newest metadata of the group of a physical volume, as text. LVM2 lib/format_text/layout.h: a label in one of the first four sectors; from its byte 72
# on pairs of offset and size, those of data, 0 0, those of metadata areas; in an area at byte 40 the place of the text, in a ring behind 512 bytes.
disk_metadata() { # START
  for disk_label in 0 1 2 3; do
    disk_label=$((($1 + disk_label) * 512))
    [ "$(disk_bytes "$disk_label" 8)" = LABELONE ] || continue
    disk_pair=$(disk_pairs $((disk_label + 72)) 256 | awk '$1 == 0 && $2 == 0 { if (behind++) exit; next } behind { print; exit }')
    disk_area=${disk_pair% *} disk_area_bytes=${disk_pair#* }
    [ -n "$disk_area" ] && disk_area=$(($1 * 512 + disk_area)) || return 1
    disk_pair=$(disk_pairs $((disk_area + 40)) 16)
    disk_text=${disk_pair% *} disk_text_bytes=${disk_pair#* }
    [ "${disk_text_bytes:-0}" -gt 0 ] || return 1
    disk_rest=$((disk_text + disk_text_bytes - disk_area_bytes))
    [ "$disk_rest" -gt 0 ] || disk_rest=0
    disk_bytes $((disk_area + disk_text)) $((disk_text_bytes - disk_rest))
    disk_bytes $((disk_area + 512)) "$disk_rest"
    return 0
  done
  return 1
}

disk_bytes() { # OFFSET COUNT
  dd if="$disk_file" bs=64K iflag=skip_bytes,count_bytes skip="$1" count="$2" 2>/dev/null | tr -d '\0'
}

# Numbers of eight bytes, two a line. An absurd one is not listed: no offset or size here has more than ten digits.
disk_pairs() { # OFFSET BYTES
  od -An -v -tu8 -w16 -j "$1" -N "$2" -- "$disk_file" 2>/dev/null | awk 'length($1) > 10 || length($2) > 10 { exit } { print $1, $2 }'
}

# Prints `GROUP VOLUME PIECES` of each volume; in place of the pieces the word for one that is more than a run of blocks on this disk.
# shellcheck disable=SC2016 # dollars of awk
disk_volumes_awk='
  function value() { sub(/^[^=]*= */, ""); gsub(/"/, ""); return $0 }
  function known(text) { return text ~ /^[0-9]+$/ && length(text) < 11 }
  { sub(/^[ \t]+/, "") }
  /^[A-Za-z0-9+_.-]+ \{/ {
    name[++depth] = $1
    if (depth == 3 && name[2] == "physical_volumes") disks++
    if (depth == 3 && name[2] == "logical_volumes") { pieces = kind = "" }
    if (depth == 4) { from = count = stripes = type = "" }
    next
  }
  /^\}/ {
    if (depth == 4 && name[2] == "logical_volumes") {
      at = start + pe_start + from * extent
      n = count * extent
      if (type != "striped") kind = type ~ /^[a-z0-9_-]+$/ ? type : "odd"
      else if (stripes != 1) kind = "striped"
      else if (!known(from) || !known(count) || !known(extent) || !known(pe_start) || n == 0 || at + n > end) kind = "odd"
      else pieces = pieces (pieces == "" ? "" : ",") sprintf("%d+%d", at, n)
    }
    if (depth == 3 && name[2] == "logical_volumes") { volume[++volumes] = name[3]; lies[volumes] = kind == "" ? pieces : kind }
    depth--
    next
  }
  depth == 1 && /^extent_size = / { extent = value() }
  depth == 3 && name[2] == "physical_volumes" && /^pe_start = / { pe_start = value() }
  depth == 4 && /^extent_count = / { count = value() }
  depth == 4 && /^type = / { type = value() }
  depth == 4 && /^stripe_count = / { stripes = value() }
  depth == 4 && /^"[^"]*", [0-9]+/ { from = $2; sub(/,.*/, "", from) }
  END {
    for (i = 1; i <= volumes; i++)
      if (lies[i] != "") print name[1], volume[i], disks == 1 ? lies[i] : "on several disks"
  }'

# How GRUB lists a folder, or names a file that is there; nothing for what is not.
disk_list() { # DEVICE PATH
  timeout 60 grub-fstest "$disk_file" ls "($1)$2" 2>/dev/null | head -c 1000000 | tr -cd '[:print:]'
}

# Finds the root and the kernels among disk_systems; fails with disk_what and disk_hint. Sets root_device, root_words (for root=), root_type and root_in, in
# words; boot_device, boot_uuid, boot_pieces and boot_folder (/boot, or empty where /boot is a file system of its own); and disk_kernels, a line
# `KERNEL INITRD`, the newest first.
disk_find() {
  root_device='' disk_kernels=''
  while read -r disk_device disk_words disk_kind _; do
    [ -n "$disk_kind" ] || continue
    case " $(disk_list "$disk_device" /) " in *' etc/ '*) ;; *) continue ;; esac
    [ -n "$(disk_list "$disk_device" /sbin/init)" ] || continue
    root_device=$disk_device root_words=$disk_words root_type=$disk_kind
    break
  done <<-END
	$disk_systems
	END
  if [ -z "$root_device" ]; then
    disk_what="no file system in it is a root with /sbin/init${disk_others:+; ${disk_others%, }}"
    disk_hint='GRUB can start a Linux on ext4, XFS or btrfs in a partition, or in a linear volume of LVM.'
    return 1
  fi
  case $root_device in
    lvm/*) root_in="LVM volume ${root_device#lvm/}" ;;
    loop0) root_in='no partition' ;;
    *) root_in="partition ${root_device##*[a-z]}" ;;
  esac
  while read -r disk_device _ _ disk_uuid disk_pieces; do
    [ -n "$disk_pieces" ] || continue
    boot_folder=''
    if [ "$disk_device" = "$root_device" ]; then boot_folder=/boot; fi
    boot_device=$disk_device boot_uuid=$disk_uuid boot_pieces=$disk_pieces
    disk_kernels=$(disk_list "$disk_device" "$boot_folder/" | tr ' ' '\n' | disk_pair_kernels)
    [ -z "$disk_kernels" ] || return 0
  done <<-END
	$(printf '%s' "$disk_systems" | grep -F -- "$root_device ")
	$(printf '%s' "$disk_systems" | grep -vF -- "$root_device ")
	END
  disk_what='it has no /boot/vmlinuz-* with an initrd of the same version'
  disk_hint='Install a kernel in it: boot it by another kernel, and apt install linux-image-amd64.'
  return 1
}

# Of names in a folder, one a line: each kernel with the initrd that Debian, Red Hat or SUSE made for it.
disk_pair_kernels() {
  grep -x '[A-Za-z0-9.+_~-]*' | sort -Vr | awk '
    { there[$0]; name[NR] = $0 }
    END {
      for (i = 1; i <= NR; i++) {
        if (name[i] !~ /^vmlinuz(-.*)?$/ || (name[i] == "vmlinuz" && found)) continue
        version = substr(name[i], 8)
        n = split("initrd.img" version " initramfs" version ".img initrd" version, initrd, " ")
        for (j = 1; j <= n; j++) if (initrd[j] in there) { print name[i], initrd[j]; found = 1; break }
      }
    }'
}
