# shellcheck shell=sh disable=SC2034,SC2154 # one script with job.sh and job-end.sh
# The inside of the job library, behind job-end.sh: the journal, quoting, locks, and the folder of a job.

# ---- inside ---------------------------------------------------------------------------------------------------------

job_event() {
  job_flat "$*"
  printf '%s\n' "$job_text" >>"$JOB/events" || job_journal_failed
}

job_flat() {
  job_text=$1
  while :; do
    case $job_text in
      *"$NL"*) job_text="${job_text%%"$NL"*} ${job_text#*"$NL"}" ;;
      *) return 0 ;;
    esac
  done
}

# For somebody who runs the job by hand.
job_say() {
  [ -z "${job_terminal:-}" ] || printf '%s\n' "$1" >/dev/tty 2>/dev/null || :
}

# Sets job_quoted: the arguments as one line for a POSIX shell, without a fork.
job_quote() {
  job_quoted=''
  for job_argument; do
    case $job_argument in
      '' | *[!A-Za-z0-9_./:@%+,-]*)
        job_word="'"
        while :; do
          case $job_argument in
            *[\'"$NL"]*) ;;
            *) break ;;
          esac
          job_head=${job_argument%%[\'"$NL"]*}
          job_tail=${job_argument#"$job_head"}
          case $job_tail in
            \'*) job_word="$job_word$job_head'\\''" ;;
            *) job_word="$job_word$job_head'\"\$NL\"'" ;;
          esac
          job_argument=${job_tail#?}
        done
        job_word="$job_word$job_argument'"
        ;;
      *) job_word=$job_argument ;;
    esac
    job_quoted="$job_quoted${job_quoted:+ }$job_word"
  done
}

job_command_failed() {
  job_code=$1
  shift
  job_quote "$@"
  job_free_reserve
  job_event command "$job_code" "$job_quoted"
  # The last lines of its own output: what follows the last command in the log.
  # shellcheck disable=SC2016 # dollars of sed
  tail -c 4000 "$JOB/log" | sed -n '/^\$ /{s/.*//;h;d;};H;${x;s/^\n*//;p;}' | tail -n 12 | while IFS= read -r job_line; do
    job_event output "$job_line"
  done
  fail COMMAND_FAILED "\`$1\` ended with exit code $job_code: $job_quoted" "Read its output below."
}

# Without its journal a job could not be undone after a power cut, so it must not go on.
job_journal_failed() {
  [ -z "$job_ending" ] || return 0
  fail JOB_FAILED "The journal in $JOB cannot be written; its file system may be full." "Free some space on the host and start again."
}

job_free_reserve() {
  job_ending=1
  [ ! -e "$JOB/reserve" ] || : >"$JOB/reserve"
}

job_find_holder() {
  job_holder=unknown
  while IFS= read -r job_line; do
    [ -e "$STATE/jobs/${job_line%% *}/status" ] || job_holder=$job_line
  done <"$1"
}

# Sets job_described: who runs the job of this id, from where, what, and how far it is. Parts that cannot be read are left out.
job_describe() { # ID TITLE
  # Within a string of JSON a quote has a backslash before it, so only the fields themselves look like this.
  job_who=$(sed -n 's/.*,"by":"\([^"\\]*\)","from":"\([^"\\]*\)".*/\1@\2/p' "$STATE/jobs/$1/job.json" 2>/dev/null) || :
  case $job_who in
    '') job_who=somebody ;;
    'root@by hand') job_who='root by hand' ;;
  esac
  job_where=$(sed -n 's/^step \([0-9]*\) \(.*\)/step \1: \2/p' "$STATE/jobs/$1/events" 2>/dev/null | tail -n 1) || :
  job_when=$(sed -n 's/^started //p' "$STATE/jobs/$1/events" 2>/dev/null | head -n 1) || :
  [ -z "$job_when" ] || job_when=$(date -d "@$job_when" '+since %H:%M' 2>/dev/null) || job_when=''
  job_where=$job_where${job_where:+${job_when:+, }}$job_when
  job_described="$job_who: $2${job_where:+ ($job_where)}"
}

# Every Domdeck that is connected hears of the job at once: its control shell follows this file. No fork, and no disk: /run is memory.
job_announce() {
  [ -d "$RUN/locks" ] || mkdir -p -- "$RUN/locks"
  { printf '%s\n' "$JOB_ID" >>"$RUN/jobs"; } 2>/dev/null || :
}

job_take_locks() {
  while read -r job_name job_sharing; do
    [ -z "$job_name" ] || lock "$job_name" "$job_sharing"
  done <<-END
	$job_locks
	END
}

# Makes the file `pid`, or fails if it is there: one atomic act, so that a job runs once. An empty one means nothing to a reader.
job_claim() {
  set -C
  job_claimed=''
  { true >"$JOB/pid"; } 2>/dev/null && job_claimed=1
  set +C
  [ -n "$job_claimed" ]
}

# One date(1) a job; later times come from the uptime.
job_set_clock() {
  job_epoch=$(date +%s)
  read -r job_clock _ </proc/uptime
  job_clock_began=${job_clock%%.*}
}

job_tell_end() {
  read -r job_clock _ </proc/uptime
  job_event ended "$1" $((job_epoch + ${job_clock%%.*} - job_clock_began))
}

job_write_pid() {
  job_read_stat "$$"
  read -r job_now_boot <"${DOMDECK_ROOT:-}/proc/sys/kernel/random/boot_id"
  # A power cut early on may have left no file but the script.
  for job_file in undo events log; do : >>"$JOB/$job_file"; done
  printf '%s\n' "$job_now_boot" >"$JOB/boot_id" || job_journal_failed
  # One write of a few bytes: a reader sees all of it or an empty file.
  printf '%s\n' "$$ $job_stat_began $job_stat_session" >"$JOB/pid" || job_journal_failed
}

# Domdeck starts a job from its folder, with DOMDECK_JOB set. By hand there is none yet: make it, and run again from there.
job_find_folder() {
  if [ -t 1 ]; then job_terminal=1; fi
  case $0 in
    "$STATE"/jobs/*/job.sh)
      JOB=${0%/job.sh}
      JOB_ID=${JOB##*/}
      [ "${DOMDECK_JOB:-}" != "$JOB_ID" ] || return 0
      ;;
    *)
      if ! [ -f "$0" ] || [ "$job_mode" != run ]; then
        echo "Save this script to a file and run it with: sh FILE" >&2
        exit 2
      fi
      job_make_id
      JOB=$STATE/jobs/$JOB_ID
      umask 077
      install -D -m 600 -- "$0" "$JOB/job.sh"
      printf '%s\n' "$job_about" >"$JOB/job.json"
      echo "Job $JOB_ID, journal in $JOB"
      ;;
  esac
  # From its first moment, so that all it starts carries it (job_kill_leftovers).
  export DOMDECK_JOB="$JOB_ID"
  exec sh "$JOB/job.sh" "$job_mode"
}

# A ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32.
job_make_id() {
  job_digits=0123456789ABCDEFGHJKMNPQRSTVWXYZ
  JOB_ID=''
  job_rest=$(date +%s%3N)
  while [ ${#JOB_ID} -lt 10 ]; do
    job_digit $((job_rest % 32))
    JOB_ID=$job_char$JOB_ID
    job_rest=$((job_rest / 32))
  done
  read -r job_rest </proc/sys/kernel/random/uuid
  while [ -n "$job_rest" ]; do
    job_rest=${job_rest#-}
    job_byte=${job_rest%"${job_rest#??}"}
    job_rest=${job_rest#??}
    job_digit $((0x$job_byte % 32))
    JOB_ID=$JOB_ID$job_char
  done
}

job_digit() {
  job_char=$job_digits
  job_skip=$1
  while [ "$job_skip" -gt 0 ]; do
    job_char=${job_char#?}
    job_skip=$((job_skip - 1))
  done
  job_char=${job_char%"${job_char#?}"}
}
