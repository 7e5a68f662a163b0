# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Which modes can this host do, for guests of this base? Answers `text refused MODE REASON` for each that it cannot, and `text pool NAME
# FREE_BYTES` for each LVM thin pool. Stands above preflight.sh; uses $root, $mode, $pool, $image, $count, $layer_mb, $base_kb.

refuse_mode() { # MODE REASON
  text refused "$1 $2"
  [ "$mode" != "$1" ] || check fail 'Mode' "$2" 'Choose another mode.'
}

# Sets pools: a line `GROUP/POOL BYTES FREE_BYTES` each.
look_at_modes() {
  mode_folder=$root
  while [ ! -d "${mode_folder:-/}" ]; do mode_folder=${mode_folder%/*}; done
  mode_storage=$(df -PTk -- "${mode_folder:-/}" | awk 'NR == 2 { print $2, $7 }')
  mode_type=${mode_storage%% *} mode_mount=${mode_storage#* }
  case $mode_type in
    btrfs) ;;
    xfs)
      case $(xfs_info -- "$mode_mount" 2>/dev/null) in
        *reflink=0*) refuse_mode reflink "$mode_mount is an XFS made without reflink" ;;
      esac
      ;;
    *) refuse_mode reflink "$mode_mount is $mode_type: no reflink" ;;
  esac

  pools=''
  if command -v lvs >/dev/null; then
    # An inactive pool does not tell how full it is; it is taken for full.
    pools=$(lvs --noheadings --nosuffix --units b -S segtype=thin-pool -o vg_name,lv_name,lv_size,data_percent 2>/dev/null |
      awk 'NF >= 3 { printf("%s/%s %.0f %.0f\n", $1, $2, $3, (NF > 3) ? $3 * (100 - $4) / 100 : 0) }')
    [ -n "$pools" ] || refuse_mode thin 'there is no LVM thin pool'
  else
    refuse_mode thin 'LVM is not installed'
  fi
  while read -r pool_name pool_bytes pool_free; do
    [ -z "$pool_name" ] || text pool "$pool_name $pool_free"
  done <<-END
	$pools
	END

  mode_qemu=''
  # Where Debian's qemu-system-xen has it, and where others do.
  for mode_program in "${DOMDECK_ROOT:-}"/usr/libexec/xen-qemu-system-i386 "${DOMDECK_ROOT:-}"/usr/lib/xen*/bin/qemu-system-i386 \
    "${DOMDECK_ROOT:-}"/usr/bin/qemu-system-i386; do
    [ ! -x "$mode_program" ] || mode_qemu=$mode_program
  done
  if ! command -v qemu-img >/dev/null; then
    refuse_mode qcow2 'qemu-img is not installed (qemu-utils)'
  elif [ -z "$mode_qemu" ]; then
    refuse_mode qcow2 'there is no qemu for Xen (qemu-system-xen)'
  fi
}

# In a pool guests share what they have of the base. Without a name it is the only one there is.
check_pool() {
  case $pools in
    '') return 0 ;;
    *"$NL"*)
      if [ -z "$pool" ]; then
        check fail 'Thin pool' 'this host has several' 'Choose one of them.'
        return 0
      fi
      ;;
    *) pool=${pool:-${pools%% *}} ;;
  esac
  pool_found=$(printf '%s\n' "$pools" | awk -v pool="$pool" '$1 == pool { print $2, $3 }')
  if [ -z "$pool_found" ]; then
    check fail 'Thin pool' "there is no thin pool $pool" 'Choose another one.'
    return 0
  fi
  text chosen "$pool"
  pool_size_mb=$((${pool_found% *} / 1048576)) pool_free_mb=$((${pool_found#* } / 1048576))
  pool_needed_mb=$((count + 1))
  if [ -z "$(lvs --noheadings -o lv_name -S "vg_name=\"${pool%/*}\" && lv_name=\"domdeck-base.$base.$generation\"" 2>/dev/null)" ]; then
    pool_needed_mb=$((pool_needed_mb + base_kb / 1024))
  fi
  if [ "$pool_free_mb" -lt "$pool_needed_mb" ]; then
    check fail 'Thin pool' "$pool has $pool_free_mb MB free, $pool_needed_mb MB needed" 'Make it larger (lvextend), or choose another one.'
  elif [ "$pool_free_mb" -lt $((count * layer_mb)) ]; then
    check warn 'Thin pool' "$pool has $pool_free_mb MB free, $((count * layer_mb)) MB when all their disks are full" \
      'When a pool is full all guests in it stop. Make it larger (lvextend), or watch it: lvs -o data_percent,metadata_percent.'
  else
    check pass 'Thin pool' "$pool, $pool_free_mb MB free"
  fi
}
