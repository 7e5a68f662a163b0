# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# What on this host is ours and belongs to nothing: files of jobs that are over, and loop devices, mounts, device-mapper nodes and links
# that nobody uses. A job that runs, or waits to be rolled back, keeps what it made: its own undo removes that. Reads only.
# Uses $root, $RUN, $STATE, $ETC_XEN and $NL, and calls `leftover KIND NAME WHY` for each; KIND is file, loop, mount, dm or link.

# Whether the name ends with the id of a job that is over. Sets left_job.
left_by_job() { # NAME
  left_job=${1%.made}
  left_job=${left_job##*[!0-9A-Z]}
  [ ${#left_job} = 26 ] || return 1
  if [ -d "$STATE/jobs/$left_job" ]; then
    [ -e "$STATE/jobs/$left_job/status" ]
  else
    # Nobody knows it here: it may run on another host that has the same storage. A day later it does not.
    expr "x$left_job" \< "x$left_since" >/dev/null
  fi
}

find_leftovers() {
  # What ids of jobs (ulid) began with a day ago: the milliseconds in base 32.
  left_since=$(awk -v now="$(date +%s)" 'BEGIN {
    at = (now - 86400) * 1000
    for (i = 0; i < 10; i++) {
      text = substr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", at % 32 + 1, 1) text
      at = int(at / 32)
    }
    print text
  }')
  left_mounts=$(cat /proc/self/mountinfo) || left_mounts=''
  left_backends=$(xenstore-ls -f /local/domain/0/backend 2>/dev/null) || left_backends=''
  left_mounted
  left_files
  left_loops
  left_links
}

left_files() {
  for left_path in "$root"/.*-* "$root"/templates/*.* "$root"/bases/.*-* "$root"/bases/*/.deleted-* "$root"/packages/*/.deleted-* \
    "$root"/guests/*/.*-* "$root"/guests/*/snapshots/.?* "$root"/guests/*/*.domdeck-* "$ETC_XEN"/*.domdeck-*; do
    case $left_path in *"$NL"*) continue ;; esac
    if { [ -e "$left_path" ] || [ -L "$left_path" ]; } && left_by_job "$left_path"; then
      leftover file "$left_path" "made by job $left_job, which is over"
    fi
  done
}

# ID PARENT MAJOR:MINOR ROOT MOUNT_POINT (proc(5)); the last mounted first, as they must be unmounted.
left_mounted() {
  left_points=''
  while read -r _ _ _ _ left_point _; do
    case $left_point in
      "$root"/.*-*/*)
        left_work=${left_point#"$root"/}
        ! left_by_job "${left_work%%/*}" || left_points="$left_point$NL$left_points"
        ;;
    esac
  done <<-END
	$left_mounts
	END
  while read -r left_point; do
    [ -z "$left_point" ] || leftover mount "$left_point" 'in the folder of a job that is over'
  done <<-END
	$left_points
	END
}

# A device is used when it is mounted, is a disk of a domain, or has another device on it.
left_in_use() { # DEVICE NUMBER
  for left_holder in "${DOMDECK_ROOT:-}/sys/class/block/${1##*/}"/holders/*; do
    [ ! -e "$left_holder" ] || return 0
  done
  case $left_mounts in *" $2 "*) return 0 ;; esac
  left_hex=$(printf '%x:%x' "${2%:*}" "${2#*:}")
  case $left_backends in *"/physical-device = \"$left_hex\""* | *"/params = \"$1\""*) return 0 ;; esac
  return 1
}

left_loops() {
  left_list=$(losetup -l -n -O NAME,MAJ:MIN,BACK-FILE 2>/dev/null) || left_list=''
  while read -r left_device left_number left_file; do
    case $left_file in
      "$root"/*) ;;
      *) continue ;;
    esac
    case $left_file in
      "$root"/.*-*/*)
        left_work=${left_file#"$root"/}
        left_by_job "${left_work%%/*}" || continue
        ;;
      "$root"/bases/*/*/root.img)
        left_base=${left_file#"$root"/bases/}
        left_base=${left_base%/root.img}
        if grep -qs "\"base\":\"${left_base%/*}\",\"generation\":${left_base#*/}," "$root"/guests/*/guest.json; then continue; fi
        case $left_backends in *"/params = \"$RUN/bases/${left_base%/*}.${left_base#*/}\""*) continue ;; esac
        ;;
      "$root"/packages/*/*/package.img)
        left_package=${left_file#"$root"/packages/}
        left_package=${left_package%/package.img}
        if grep -qs "{\"name\":\"${left_package%/*}\",\"version\":${left_package#*/}[,}]" "$root"/guests/*/guest.json; then continue; fi
        case $left_backends in *"/params = \"$RUN/packages/${left_package%/*}.${left_package#*/}\""*) continue ;; esac
        ;;
    esac
    # What stands on a loop device that nobody else uses goes before it.
    for left_holder in "${DOMDECK_ROOT:-}/sys/class/block/${left_device##*/}"/holders/dm-*; do
      [ -e "$left_holder/dm/name" ] || continue
      { read -r left_name <"$left_holder/dm/name" && read -r left_upper <"$left_holder/dev"; } 2>/dev/null || continue
      left_in_use "/dev/${left_holder##*/}" "$left_upper" || leftover dm "$left_name" "on $left_file, used by nobody"
    done
    left_in_use "$left_device" "$left_number" || leftover loop "$left_device" "on $left_file, used by nobody"
  done <<-END
	$left_list
	END
}

left_links() {
  for left_path in "$RUN"/bases/* "$RUN"/packages/*; do
    if [ -L "$left_path" ] && [ ! -e "$left_path" ]; then leftover link "$left_path" 'leads nowhere'; fi
  done
}
