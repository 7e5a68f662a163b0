# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Copies generation $generation of base $name, whose image has the sum $sum, from the host $from to this one, block by block: a block that is
# here already is not asked for. Two pipes in the folder of the job, `ask` and `feed`, lead to serve-copy.sh on that host, which tells
# what is said; feed-copy.sh joins them to it, by an ssh of this host or through Domdeck, and says in `way` which and why. copy-image.sh,
# sealing.sh and generation-folder.sh stand above this text.

copy_bad='' put_said=''
block_bytes=16777216

# What has come stays for the next try, unless nobody wants it any more or it is of no use.
settle_work() { # WORK
  if [ "$job_outcome" = cancelled ] || [ -n "$copy_bad" ] || [ ! -e "$1/wanted" ] || ! is_half "$1"; then discard_copy "$1"; fi
}

# Whether it is what has come of this generation in a try before.
is_half() { # WORK
  half_of=''
  { IFS= read -r half_of <"$1/of"; } 2>/dev/null || return 1
  [ "$half_of" = "$name $generation $sum" ] && [ -d "$1/sealed" ]
}

# The other host, or what is between, has gone. What is here stays.
cut_off() {
  # What the ssh of this host said, where there was one.
  said=$(tail -n 1 -- "$JOB/said" 2>/dev/null | tr -cd '[:print:]' | cut -c 1-300)
  fail CONNECTION_LOST "What comes from $from has come to an end too early: ${said:-$1}." \
    "Copy it again when both hosts are connected. What has come lies in $work and is not sent again; if nobody wants it, it is among what was left over on this host."
}

# A frame of the other host: sets word, and more. One that says nothing for five minutes is gone.
hear() {
  frame=$(timeout --foreground 300 dd bs=128 count=1 iflag=fullblock status=none <&9 3>&- 4>&- 5>&- 6>&- 9<&-) || cut_off 'nothing came for five minutes'
  word=${frame%% *} more=${frame#* }
  more=${more%"${more##*[! ]}"}
  case $word in
    '') cut_off 'the connection of one of the two hosts was lost' ;;
    fail) fail COMMAND_FAILED "$from says: $more" "Look at the bases of $from, and copy one that is there." ;;
  esac
}

strange() {
  fail UNEXPECTED_OUTPUT "$from said something that no Domdeck says: $word $more" "Look whether the versions of Domdeck agree, and copy the details into a bug report."
}

# The sum of a block; of nothing when there is none.
sum_of() { # FILE INDEX BYTES
  sum_found=$(dd if="$1" bs=64k skip=$(($2 * 256)) count="$3" iflag=count_bytes status=none 2>/dev/null | sha256sum)
  sum_found=${sum_found%% *}
}

# Writes a block to its place, from what comes or from another generation; what is nothing but zeros becomes a hole. Fails as dd does.
put_block() { # FILE INDEX BYTES [FROM]
  put_holes=,sparse
  # Where an earlier try left half of it, a hole is made first.
  if [ -n "$resumed" ]; then
    fallocate -p -o $(($2 * block_bytes)) -l "$3" -- "$work/sealed/$1" 2>/dev/null || put_holes=''
  fi
  put_file=$1 put_at=$(($2 * 256)) put_bytes=$3
  if [ $# -gt 3 ]; then set -- if="$4/$1" skip="$put_at"; else set --; fi
  put_said=$(timeout --foreground 300 dd "$@" of="$work/sealed/$put_file" bs=64k seek="$put_at" count="$put_bytes" \
    iflag=fullblock,count_bytes conv=notrunc"$put_holes" 2>&1 <&9 3>&- 4>&- 5>&- 6>&- 9<&-)
}

# Whether the block is at the same place of the generation next to this one; then it is copied from there.
found_beside() { # FILE INDEX BYTES SUM
  [ -n "$beside" ] || return 1
  sum_of "$beside/$1" "$2" "$3"
  [ "$sum_found" = "$4" ] || return 1
  put_block "$1" "$2" "$3" "$beside" || no_room
}

# The number as it is, or nobody of ours has said it.
number() {
  case $1 in '' | *[!0-9]* | 0?* | ????????????????*) strange ;; esac
}

no_room() {
  copy_bad=1
  fail COMMAND_FAILED "$work cannot be written: $put_said" "The disk may be full or failing: look at df and dmesg."
}

# The highest generation below this one, else the lowest above.
find_beside() {
  below='' above=''
  for path in "$root/bases/$name"/*/root.img; do
    number=${path%/root.img} number=${number##*/}
    case $number in *[!0-9]* | 0*) continue ;; esac
    if [ "$number" -lt "$generation" ]; then
      [ "$number" -lt "${below:-0}" ] || below=$number
    elif [ -z "$above" ] || [ "$number" -lt "$above" ]; then
      above=$number
    fi
  done
  beside=${below:-$above}
  [ -z "$beside" ] || beside=$root/bases/$name/$beside
}

begin

step "Check generation $generation of $name"
xl info >/dev/null 2>&1 || fail NOT_XEN "This host is no running Xen dom0, so nobody could boot a guest from a base on it." 'Boot the entry "with Xen hypervisor", and look whether xl info answers.'
folder=$root/bases/$name/$generation
if [ -e "$folder" ]; then
  about=''
  { IFS= read -r about <"$folder/base.json"; } 2>/dev/null || :
  case $about in
    *"\"sha256\":\"$sum\""*) fail BUSY "Generation $generation of $name is on this host already, with the same sha256." "There is nothing to copy." ;;
    *'"sha256":"'*) about=${about#*'"sha256":"'} ;;
  esac
  fail BUSY "This host has another generation $generation of $name: its sha256 is ${about%%\"*}, and that on $from is $sum." \
    "Delete the one here, if nobody uses it, or make a base of another name of the one on $from."
fi
back=$(grep -ls "\"base\":\"$name\",.*\"previous\":${generation}[,}]" "$root"/guests/*/guest.json | head -n 1) || :
if [ -n "$back" ]; then
  back=${back%/guest.json}
  fail BUSY "${back##*/} stood on a generation $generation of $name that was deleted here, and would roll back to this one." \
    "Swap it once more or delete it, then copy."
fi

# What an earlier try of a job that is over has left of the same.
work=$root/.copying-$JOB_ID
resumed=''
mkdir -p -- "$root/bases"
undo settle_work "$work"
for path in "$root"/.copying-*; do
  # One that is not known here may belong to another host with the same storage. All who copy to this base hold its lock.
  [ -d "$STATE/jobs/${path##*/.copying-}" ] || continue
  is_half "$path" || continue
  # Both images, for it may have been sealed already.
  chattr -i -- "$path"/sealed/*.img 2>/dev/null || :
  run mv -T -- "$path" "$work"
  resumed=1
  break
done
if [ -z "$resumed" ]; then
  run mkdir -m 0700 -- "$work" "$work/sealed"
  printf '%s\n' "$name $generation $sum" >"$work/of"
  # Without it nobody goes on with what came before a power cut.
  run sync -- "$work/of"
fi

step "Ask $from for its sums"
undo rm -f -- "$JOB/ask" "$JOB/feed"
run mkfifo -m 600 -- "$JOB/ask" "$JOB/feed"
# Both ways first, so that nobody waits for the other end to come.
exec 7<>"$JOB/ask" 8<>"$JOB/feed"
: >"$JOB/open"
tries=0
until [ -e "$JOB/fed" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 900 ] || cut_off 'no Domdeck has joined the two hosts within three minutes'
  sleep 0.2
done
# From here on the end of the other side is an end.
exec 6>"$JOB/ask" 9<"$JOB/feed"
exec 7>&- 8>&-
IFS= read -r way <"$JOB/way"
printf 'The blocks go %s.\n' "$way"
tick "$name" running "$way"
hear
[ "$word" = size ] || strange
number "$more"
here_kb=$(du -sk -- "$work")
here_kb=${here_kb%%[!0-9]*}
space_for "$((more > here_kb ? more - here_kb : 0))" || fail COMMAND_FAILED "$space_what" "$space_hint"
: >"$work/sums"
total=0 file='' image_mb=$((size_bytes / 1048576))
while hear && [ "$word" != ready ]; do
  last=$file
  # shellcheck disable=SC2086 # words
  set -- $more
  file=${1:-} bytes=${3:-} block_sum=${4:-}
  [ "$word" = sum ] || strange
  number "$bytes"
  case $block_sum in *[!0-9a-f]*) strange ;; esac
  if [ "$file" != "$last" ]; then
    # Each once, and in this order.
    case $last/$file in /base.json | base.json/vmlinuz | vmlinuz/initrd.img | initrd.img/root.img) ;; *) strange ;; esac
    index=0 offset=0
  fi
  if [ "${2:-}" != "$index" ] || [ "$offset" != $((index * block_bytes)) ] || [ "$bytes" -gt "$block_bytes" ] || [ ${#block_sum} != 64 ]; then strange; fi
  printf '%s\n' "$file $index $bytes $block_sum" >>"$work/sums"
  index=$((index + 1)) offset=$((offset + bytes)) total=$((total + bytes))
  if [ "$file" = root.img ]; then
    [ "$offset" -le "$size_bytes" ] || strange
    progress $((offset / 1048576)) "$image_mb" MB
  else
    # No kernel is a gigabyte large.
    [ "$index" -lt 64 ] || strange
  fi
done
[ "$file:$offset" = "root.img:$size_bytes" ] || strange

step 'See what is here already'
run touch -- "$work/sealed/root.img"
run truncate -s "$size_bytes" -- "$work/sealed/root.img"
zeros=$(head -c "$block_bytes" /dev/zero | sha256sum)
zeros=${zeros%% *}
find_beside
: >"$work/wanted"
wanted=0 seen=0
while read -r file index bytes block_sum; do
  if [ -n "$resumed" ]; then
    sum_of "$work/sealed/$file" "$index" "$bytes"
  else
    # A new file is one hole.
    sum_found=$zeros
  fi
  if [ "$sum_found" != "$block_sum" ] && ! found_beside "$file" "$index" "$bytes" "$block_sum"; then
    printf '%s\n' "$file $index $bytes $block_sum" >>"$work/wanted"
    wanted=$((wanted + bytes))
  fi
  seen=$((seen + bytes))
  progress $((seen / 1048576)) $((total / 1048576)) MB
done <"$work/sums"
result wanted "$wanted"

step 'Copy what is missing'
copy_mb=$((wanted / 1048576 + 1)) copy_name=$name copy_way=${way%%:*} sent=0
read -r copy_began _ </proc/uptime
tell_copy 0
{
  while read -r file index _; do printf 'block %s %s\n' "$file" "$index"; done <"$work/wanted"
  echo bye
} >&6 3>&- 4>&- 5>&- 7>&- 8>&- 9<&- &
while read -r file index bytes block_sum; do
  hear
  [ "$word $more" = "block $file $index $bytes" ] || strange
  put_block "$file" "$index" "$bytes" || {
    [ $? != 124 ] || cut_off 'nothing came for five minutes'
    no_room
  }
  case $NL$put_said in
    *"$NL$bytes bytes "*) ;;
    *) cut_off 'the connection of one of the two hosts was lost' ;;
  esac
  sum_of "$work/sealed/$file" "$index" "$bytes"
  [ "$sum_found" = "$block_sum" ] ||
    fail JOB_FAILED "Block $index of $file did not arrive as $from has it." "Copy it again. If it happens again, look at dmesg of both hosts: a disk or memory may be failing."
  sent=$((sent + bytes))
  tell_copy $((sent / 1048576))
done <"$work/wanted"
exec 6>&- 9<&-
run rm -f -- "$JOB/ask" "$JOB/feed"
tell_copy "$copy_mb"
tick "$name" "done" "$copy_mb MB, $copy_way"
result summary "$copy_mb MB came $way"

step 'Check the whole'
image=$work/sealed/root.img
capture whole sha256sum "$image"
if [ "${whole%% *}" != "$sum" ]; then
  copy_bad=1
  fail JOB_FAILED "The image from $from has the sha256 ${whole%% *}, and its base.json says $sum." \
    "Look at it on $from with sha256sum $root/bases/$name/$generation/root.img: it was changed, or its disk is failing. Do not use it."
fi
about=''
IFS= read -r about <"$work/sealed/base.json" || :
case $about in
  *"\"base\":\"$name\",\"generation\":$generation,"*"\"sha256\":\"$sum\""*) ;;
  *)
    copy_bad=1
    fail UNEXPECTED_OUTPUT "The base.json from $from is not that of generation $generation of $name." "Look at it there."
    ;;
esac
# It is this job that made the folder here.
printf '%s\n' "$about" | sed "s/,\"job\":\"[^\"]*\"//; s/}\$/,\"job\":\"$JOB_ID\"}/" >"$work/base.json"
run mv -fT -- "$work/base.json" "$work/sealed/base.json"
seal

step "Publish $name"
draft=''
publish_generation
