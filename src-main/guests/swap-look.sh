# shellcheck shell=sh
# swap-look.sh ROOT BASE FROM TO [GUEST...]: what a swap from one generation to another means for guests that are off. Reads only: the
# layers by debugfs, the generations by read-only mounts. Domdeck runs it in a mount namespace of its own, so that these go with it,
# whatever ends it. layer-files.sh stands above this text.
#
# The answer, a line each, the parts parted by tabs, then `end`:
#   package NAME OLD NEW newer|older|added|removed
#   unclean GUEST                          its layer has a journal to replay or errors, so the list may miss something
#   hidden GUEST changed|added|removed PATH BY      a change of the base that the guest will not see; BY is the path in its layer
set -u
LC_ALL=C
export LC_ALL
root=$1 base=$2 from=$3 to=$4
shift 4
line_end='
'
tab=$(printf '\t')
mkdir -p -- "${DOMDECK_RUN:-/run/domdeck}" && work=$(mktemp -d "${DOMDECK_RUN:-/run/domdeck}/look.XXXXXX") || exit
trap 'rm -rf --one-file-system -- "$work"' EXIT
trap 'exit 1' HUP INT TERM

: >"$work/layers"
for guest; do
  layer=$root/guests/$guest/layer.img
  [ -f "$layer" ] || continue
  dumpe2fs -h "$layer" 2>/dev/null | awk -F ': *' '
    $1 == "Filesystem state" && $2 != "clean" || $1 == "Filesystem features" && " " $2 " " ~ / needs_recovery / { unclean = 1 }
    END { exit !unclean }' && printf 'unclean\t%s\n' "$guest"
  layer_files "$layer" | awk -v guest="$guest" -F '\t' -v OFS='\t' '{ print guest, $1, substr($0, length($1) + length($2) + 3) }' >>"$work/layers"
done

for generation in "$from" "$to"; do
  seen=$work/$generation
  mkdir -- "$seen" && : >"$seen.status" &&
    mount -t ext4 -o loop,ro,noload,nodev,nosuid,noexec -- "$root/bases/$base/$generation/root.img" "$seen" || exit
  # The size of a folder tells nothing, and a link has no mode of its own.
  (cd -- "$seen" && find . -mindepth 1 -xdev ! -path "*[$tab$line_end]*" \
    \( -type d -printf '/%P\td %m %U:%G\n' -o -type l -printf '/%P\tl %U:%G %l\n' -o -printf '/%P\t%y %m %U:%G %s\n' \)) >"$seen.files"
  [ ! -f "$seen/var/lib/dpkg/status" ] || cat -- "$seen/var/lib/dpkg/status" >"$seen.status"
done

# GUEST STATE PATH BY for each path that is in one generation only, or not the same in both, and that a layer covers; `alike` for files that
# only their content can tell.
awk -F '\t' -v OFS='\t' '
  FILENAME == ARGV[1] {
    cover($3, $1, $2)
    # The folders on the way to it are in the layer as well.
    up = $3
    while (sub(/\/[^\/]*$/, "", up) && up != "") cover(up, $1, "folder")
    next
  }
  FILENAME == ARGV[2] { before[$1] = substr($0, length($1) + 2); next }
  { after[$1] = substr($0, length($1) + 2) }
  function cover(path, guest, kind) {
    if ((path, guest) in covers) return
    covers[path, guest] = kind
    guests[path] = guests[path] guest " "
  }
  # A folder of the layer covers a file of the base by the same name, and nothing below it unless it is opaque.
  function compare(path, state, isFolder,    by, i, n, list, kind) {
    for (by = path; by != ""; sub(/\/[^\/]*$/, "", by)) {
      if (!(by in guests)) continue
      n = split(guests[by], list, " ")
      for (i = 1; i <= n; i++) {
        kind = covers[by, list[i]]
        if (kind == "folder" && by != path) continue
        # What is no longer there cannot be hidden, but a file of the guest goes on being there.
        if (state == "removed" && (by != path || kind ~ /^(folder|deleted|replaced)$/)) continue
        if (isFolder || (path, list[i]) in told) continue
        told[path, list[i]] = 1
        print list[i], state, path, by
      }
    }
  }
  END {
    for (path in before) {
      if (!(path in after)) compare(path, "removed", before[path] ~ /^d/)
      else if (before[path] != after[path]) compare(path, "changed", before[path] ~ /^d/ && after[path] ~ /^d/)
      else if (before[path] ~ /^f/) compare(path, "alike", 0)
    }
    for (path in after) if (!(path in before)) compare(path, "added", after[path] ~ /^d/)
  }' "$work/layers" "$work/$from.files" "$work/$to.files" >"$work/covered"
awk -F '\t' '$2 == "alike" { print substr($3, 2) }' "$work/covered" | sort -u >"$work/alike"
for generation in "$from" "$to"; do
  (cd -- "$work/$generation" && xargs -r -d '\n' sha256sum -- <"$work/alike") >"$work/$generation.sums"
done
awk -F '\t' -v OFS='\t' '
  # HASH and two characters stand before the name.
  FILENAME == ARGV[1] { before["/" substr($0, 67)] = substr($0, 1, 64); next }
  FILENAME == ARGV[2] { after["/" substr($0, 67)] = substr($0, 1, 64); next }
  $2 == "alike" && $3 in before && before[$3] == after[$3] { next }
  { print "hidden", $1, $2 == "alike" ? "changed" : $2, $3, $4 }' "$work/$from.sums" "$work/$to.sums" "$work/covered" | sort

awk -v OFS='\t' '
  # Further lines of a field begin with a blank.
  /^[ \t]+[^ \t]/ { next }
  $1 == "Package:" { name = $2; version = installed = "" }
  $1 == "Status:" { installed = $NF == "installed" }
  $1 == "Version:" { version = $2 }
  $1 == "Architecture:" { name = name ":" $2 }
  $0 == "" { take() }
  function take() {
    if (installed && name != "") { all[name] = 1; if (FILENAME == ARGV[1]) before[name] = version; else after[name] = version }
    name = installed = ""
  }
  END {
    for (name in all) if (before[name] "" != after[name] "") print name, before[name], after[name]
  }' "$work/$from.status" "$work/$to.status" | sort | while IFS= read -r line; do
  # Parts may be empty, and read takes tabs together.
  name=${line%%"$tab"*} line=${line#*"$tab"}
  was=${line%%"$tab"*} is=${line#*"$tab"}
  if [ -z "$was" ]; then
    how=added
  elif [ -z "$is" ]; then
    how=removed
  elif dpkg --compare-versions "$was" lt "$is"; then
    how=newer
  else
    how=older
  fi
  printf 'package\t%s\t%s\t%s\t%s\n' "$name" "$was" "$is" "$how"
done
# The pretend mounts of a simulated host want to be told.
umount -- "$work/$from" "$work/$to"
echo end
