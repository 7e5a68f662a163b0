#!/bin/sh
# snapshot.sh ROOT CPU LIST FILES LAYERS KNOWN
# The domains of this host, the files of its guests, its bases and its package images, in one answer. Each comes in shares: domains in 32 by domid, files
# and layers in 16 by inode. LIST, FILES and LAYERS are the sums of the shares in the answer before, parted by commas ('' for none):
# a share that is the same is not sent again, so that a change costs its own share, and an idle host next to nothing.
# CPU is `cpu` for the CPU time of the domains in shares that are the same, else ''. KNOWN are the domains whose `xl list -l`
# Domdeck has, as ranges: 1-17,19-30. Reads only.
#
# The answer, a line each:  up SECONDS | list SHARE SUM | cpu DOMID SECONDS | details | files SHARE SUM | file SIZE ID PATH |
# layers SHARE SUM | layer BYTES ALLOCATED PATH | end. What a tool or a file says stands below its line with a `|` before every
# line, so that no content can pass for a line of ours.
#
# Three programs run (xl, stat, awk), and where a guest is on an LVM volume dmsetup, since this is asked after every change and every few seconds.

LC_ALL=C
export LC_ALL
root=$1
cpu=$2
list_before=$3
files_before=$4
layers_before=$5
known=$6
etc_xen=${DOMDECK_ETC_XEN:-/etc/xen}
line_end='
'

list=$(xl list -v) || exit

# A pattern that finds nothing stays, and stat leaves it out.
set -- "$root"/guests/*/guest.json "$root"/guests/*/guest.cfg "$root"/guests/*/layer.img "$root"/guests/*/disk.img \
  "$root"/guests/*/disk.qcow2 "$root"/guests/*/saved "$root"/drafts/*/draft.json "$root"/drafts/*/guest.cfg "$root"/drafts/*/root.img \
  "$root"/bases/*/*/base.json "$root"/packages/*/*/package.json "$etc_xen"/*.cfg "$etc_xen"/auto/*
# A path with a line end is no path of ours.
case $* in
  *"$line_end"*)
    for path; do
      shift
      case $path in
        *"$line_end"*) ;;
        *) set -- "$@" "$path" ;;
      esac
    done
    ;;
esac
stats=$(stat -L -c '%f %s %d:%i %b %B %z %n' -- "$@" 2>/dev/null)

# The thin volumes of guests, a line each: `GROUP-NAME: FROM SECTORS thin MAPPED ...`, dashes doubled within the two names. Those of bases
# have a dot where a guest has none.
volumes=
for path in "${DOMDECK_ROOT:-}"/dev/mapper/*-domdeck--*; do
  case ${path##*/} in
    '*-domdeck--*' | *-domdeck--base.*) ;;
    *) volumes=1 ;;
  esac
done
[ -z "$volumes" ] || volumes=$(dmsetup status --target thin 2>/dev/null)

{ read -r up _ </proc/uptime && printf 'up %s\n' "$up"; } 2>/dev/null

# A line of stat or dmsetup is never empty, so the first empty line divides them from the list.
printf '%s%s\n%s\n' "${volumes:+$volumes$line_end}" "${stats:+$stats$line_end}" "$list" | awk -v cpu="$cpu" \
  -v list_before="$list_before" -v files_before="$files_before" -v layers_before="$layers_before" -v known="$known" '
  # Two running sums of 26 bits a share, six bytes a step; every product stays below 2^53, the exact numbers of awk. What six bytes
  # are worth is worked out once, for most of them come again and again.
  function add(part, share, text,    i, n, piece, x, y) {
    text = text "\n"
    n = length(text)
    x = first[part, share]
    y = second[part, share]
    for (i = 1; i <= n; i += 6) {
      piece = substr(text, i, 6)
      if (!(piece in worth)) worth[piece] = weigh(piece)
      x = x * 33554467 + worth[piece]
      x -= int(x / 67108859) * 67108859
      y = y * 31415933 + worth[piece]
      y -= int(y / 67108837) * 67108837
    }
    first[part, share] = x
    second[part, share] = y
  }
  function weigh(piece,    i, value) {
    for (i = 1; i <= 6; i++) value = value * 257 + code[substr(piece, i, 1)]
    return value
  }
  # keep PART SHARE TEXT LINE: a line of this share; TEXT is what counts as a change of it.
  function keep(part, share, text, line) {
    add(part, share, text)
    kept[part, share, ++count[part, share]] = line
  }
  # Whether a share is another than before; says so. No sum is empty, as that of a share never asked for is.
  function changed(part, share, before,    now) {
    now = sprintf("%.0f", first[part, share] * 67108864 + second[part, share] + 1)
    if (now == before) return 0
    print part, share, now
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
  function is_known(domid,    i) {
    for (i = 1; i <= ranges; i++) if (domid >= from[i] && domid <= to[i]) return 1
    return domid == 0
  }
  BEGIN {
    for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
    split(list_before, before_list, ",")
    split(files_before, before_files, ",")
    split(layers_before, before_layers, ",")
    ranges = split(known, range, ",")
    for (i = 1; i <= ranges; i++) {
      from[i] = to[i] = range[i]
      sub(/-.*/, "", from[i])
      sub(/.*-/, "", to[i])
      from[i] += 0
      to[i] += 0
    }
  }

  !in_list && $0 == "" { in_list = 1; next }

  # Only a volume has a first word that ends with a colon. Sectors of 512 bytes, in steps as below.
  !in_list && $1 ~ /:$/ {
    path = $1
    sub(/:$/, "", path)
    if (path !~ /-domdeck--/ || path ~ /-domdeck--base\./ || $4 != "thin") next
    text = sprintf("%.0f %.0f /dev/mapper/%s", $3 * 512, int(($5 * 512 + 262143) / 262144) * 262144, path)
    keep("layers", 0, text, "layer " text)
    next
  }

  # MODE SIZE DEVICE:INODE BLOCKS BLOCK_SIZE DATE TIME ZONE PATH; the mode of a regular file is 8... in hex.
  !in_list {
    if ($1 !~ /^8...$/) next
    path = $0
    sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path)
    share = $3
    sub(/.*:/, "", share)
    share %= 16
    if (path ~ /\/(guests\/[^\/]*\/(layer\.img|disk\.img|disk\.qcow2|saved)|drafts\/[^\/]*\/root\.img)$/) {
      # A running guest writes to its layer all the time, so what is allocated counts in steps of 256 kB.
      text = sprintf("%.0f %.0f %s", $2, int(($4 * $5 + 262143) / 262144) * 262144, path)
      keep("layers", share, text, "layer " text)
    } else keep("files", share, $2 " " $3 " " $6 " " $7 " " path, $2 " " $3 " " path)
    next
  }

  # Of `xl list -v` the last columns are domid, memory, vCPUs, state, time, UUID, reason and label; the name before them may
  # hold spaces, and line ends: what is no row is the beginning of the next. Time passes and the letters r and b flap by
  # themselves: they are no change.
  {
    row = row "|" $0
    if (NF > 7 && length($(NF-2)) == 36 && $(NF-7) ~ /^[0-9]+$/) {
      domid = $(NF-7) + 0
      share = domid % 32
      if (domid) seconds[share, ++domains[share]] = domid " " $(NF-3)
      if (!is_known(domid)) fresh[++news] = domid
      $(NF-3) = ""
      $(NF-4) = substr($(NF-4), 3)
      keep("list", share, held $0, row)
      row = held = ""
    } else {
      row = row "\n"
      held = held $0 "\n"
    }
  }

  END {
    # What no row follows goes with the last share.
    if (row != "") keep("list", 31, held, substr(row, 1, length(row) - 1))
    for (share = 0; share < 32; share++) {
      n = count["list", share]
      if (changed("list", share, before_list[share + 1])) for (i = 1; i <= n; i++) print kept["list", share, i]
      else if (cpu) for (i = 1; i <= domains[share]; i++) print "cpu", seconds[share, i]
    }

    # One xl a new domain while they are few; all at once beyond that.
    if (news > 4) quote("xl list -l 2>/dev/null")
    else for (i = 1; i <= news; i++) quote("xl list -l " fresh[i] " 2>/dev/null")

    for (share = 0; share < 16; share++) if (changed("files", share, before_files[share + 1])) {
      n = count["files", share]
      for (i = 1; i <= n; i++) {
        about = path = kept["files", share, i]
        print "file", about
        if (about + 0 > 65536) continue
        sub(/^[^ ]+ [^ ]+ /, "", path)
        # getline, not an operand: a file removed at this moment must not end awk and with it all files after.
        while ((getline line < path) > 0) print "|" line
        close(path)
      }
    }
    for (share = 0; share < 16; share++) if (changed("layers", share, before_layers[share + 1])) {
      n = count["layers", share]
      for (i = 1; i <= n; i++) print kept["layers", share, i]
    }
    print "end"
  }'
