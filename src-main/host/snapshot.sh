#!/bin/sh
# snapshot.sh ROOT LIST FILES LAYERS [DOMID...]
# The domains of this host, the files of its guests and its bases, in one answer. LIST, FILES and LAYERS are the sums of the
# answer before ('' for none): a part that is the same is not sent again, so that an idle host costs a few bytes a domain.
# DOMIDs are the domains whose `xl list -l` Domdeck has. Reads only.
#
# The answer, a line each:  up SECONDS | list SUM | cpu DOMID SECONDS | details | files SUM | file SIZE ID PATH | layers SUM |
# layer BYTES ALLOCATED PATH | end. What a tool or a file says stands below its line with a `|` before every line, so that no
# content can pass for a line of ours.
#
# Three programs run (xl, stat, awk), since this is asked after every change and every few seconds.

LC_ALL=C
export LC_ALL
root=$1
list_before=$2
files_before=$3
layers_before=$4
shift 4
known=$*
etc_xen=${DOMDECK_ETC_XEN:-/etc/xen}
line_end='
'

list=$(xl list -v) || exit

# Links in /etc/xen/auto come last: the file itself is the one to name. A path with a line end is no path of ours.
set --
for path in "$root"/guests/*/guest.json "$root"/guests/*/guest.cfg "$root"/guests/*/layer.img "$root"/guests/*/saved \
  "$root"/bases/*/*/base.json "$etc_xen"/*.cfg "$etc_xen"/auto/*; do
  case $path in
    *"$line_end"*) continue ;;
  esac
  [ -f "$path" ] && set -- "$@" "$path"
done
stats=
[ $# -eq 0 ] || stats=$(stat -L -c '%s %d:%i %b %B %z %n' -- "$@" 2>/dev/null)

{ read -r up _ </proc/uptime && printf 'up %s\n' "$up"; } 2>/dev/null

# A line of stat is never empty, so the first empty line divides the two.
printf '%s\n%s\n' "${stats:+$stats$line_end}" "$list" | awk -v list_before="$list_before" -v files_before="$files_before" \
  -v layers_before="$layers_before" -v known=" 0 $known " '
  # A running sum of 44 bits a part; every product stays below 2^53, the exact numbers of awk.
  function add(part, text,    i, n) {
    text = text "\n"
    n = length(text)
    for (i = 1; i <= n; i++) sum[part] = (sum[part] * 257 + code[substr(text, i, 1)]) % 17592186044399
  }
  function changed(part, before,    now) {
    now = sprintf("%.0f", sum[part])
    if (now == before) return 0
    print part, now
    return 1
  }
  function quote(command) {
    print "details"
    while ((command | getline line) > 0) {
      sub(/^ */, "", line)
      print "|" line
    }
    close(command)
  }
  BEGIN {
    for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
    sum["list"] = sum["files"] = sum["layers"] = 1
  }

  !in_list && $0 == "" { in_list = 1; next }

  # SIZE DEVICE:INODE BLOCKS BLOCK_SIZE DATE TIME ZONE PATH
  !in_list {
    path = $0
    sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path)
    if (path ~ /\/guests\/[^\/]*\/(layer\.img|saved)$/) {
      # A running guest writes to its layer all the time, so what is allocated counts in steps of 256 kB.
      layer[++layers] = sprintf("%.0f %.0f %s", $1, int(($3 * $4 + 262143) / 262144) * 262144, path)
      add("layers", layer[layers])
    } else {
      file[++files] = path
      file_size[files] = $1
      file_id[files] = $2
      add("files", $1 " " $2 " " $5 " " $6 " " path)
    }
    next
  }

  # Of `xl list -v` the last columns are domid, memory, vCPUs, state, time, UUID, reason and label; the name before them may
  # hold spaces. Time passes and the letters r and b flap by themselves: they are no change.
  {
    row[++rows] = $0
    if (NF > 7 && length($(NF-2)) == 36 && $(NF-7) ~ /^[0-9]+$/) {
      domid = $(NF-7)
      if (domid != "0") cpu[++domains] = domid " " $(NF-3)
      if (!index(known, " " domid " ")) fresh[++news] = domid
      $(NF-3) = ""
      $(NF-4) = substr($(NF-4), 3)
    }
    add("list", $0)
  }

  END {
    if (changed("list", list_before)) for (i = 1; i <= rows; i++) print "|" row[i]
    else for (i = 1; i <= domains; i++) print "cpu", cpu[i]

    # One xl a new domain while they are few; all at once beyond that.
    if (news > 4) quote("xl list -l 2>/dev/null")
    else for (i = 1; i <= news; i++) quote("xl list -l " fresh[i] " 2>/dev/null")

    if (changed("files", files_before)) for (i = 1; i <= files; i++) {
      print "file", file_size[i], file_id[i], file[i]
      if (file_size[i] > 65536) continue
      # getline, not an operand: a file removed at this moment must not end awk and with it all files after.
      while ((getline line < file[i]) > 0) print "|" line
      close(file[i])
    }
    if (changed("layers", layers_before)) for (i = 1; i <= layers; i++) print "layer", layer[i]
    print "end"
  }'
