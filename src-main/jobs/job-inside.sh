# shellcheck shell=sh disable=SC2034,SC2154 # one script with job.sh
# The inside of the job library, behind the words of job.sh: how a job ends and is undone, how a dead one is rolled back, and the
# journal that tells of it.

# ---- the end --------------------------------------------------------------------------------------------------------

job_on_signal() {
  job_outcome=cancelled
  exit 143
}

job_on_exit() {
  job_code=$?
  trap '' TERM HUP INT
  trap - EXIT
  set +eu
  job_free_reserve
  if [ "$job_outcome" = succeeded ]; then
    : >"$JOB/undo"
    job_tell_end succeeded
    exit 0
  fi
  [ -z "$job_waiter" ] || kill "$job_waiter"
  if [ "$job_outcome" = cancelled ]; then
    job_event cancelling
  else
    job_outcome=failed
    if [ -z "$job_reasoned" ]; then
      job_event fail JOB_FAILED
      job_event what "The script stopped by itself with exit code $job_code."
      job_event hint "Read the end of its log."
    fi
  fi
  [ -z "$job_undoable" ] || job_undo
  job_end "$job_outcome" && [ -z "$job_undo_failed" ] && : >"$JOB/undo"
  job_tell_end "$job_outcome"
  job_say "The job has $job_outcome."
  exit 1
}

# Runs the stack backwards. A line without its line end was cut while being written: its act had not begun.
job_undo() {
  job_stack='' job_undo_failed=''
  while IFS= read -r job_line; do
    job_stack=$job_line$NL$job_stack
  done <"$JOB/undo"
  job_event undoing
  while [ -n "$job_stack" ]; do
    job_line=${job_stack%%"$NL"*}
    job_stack=${job_stack#*"$NL"}
    printf 'undo $ %s\n' "$job_line" >>"$JOB/log"
    # In a shell of its own, so that nothing in one line keeps the rest from running.
    (eval "$job_line") >>"$JOB/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || {
      job_undo_failed=1
      job_event undo-failed $? "$job_line"
    }
  done
  [ -z "$job_undo_failed" ] || return 1
  sync -f "$JOB"
  [ ! -d "$root" ] || sync -f "$root"
  job_event undo-done
}

job_end() {
  job_write_end "$1" && sync "$JOB/status.tmp" "$JOB/events" "$JOB/log" && job_publish_end
}

job_write_end() { printf '%-9s\n' "$1" 1<>"$JOB/status.tmp"; }

# The end is the rename: before it the job counts as running or interrupted.
job_publish_end() { mv -f -- "$JOB/status.tmp" "$JOB/status" && sync "$JOB"; }

# ---- recovery -------------------------------------------------------------------------------------------------------

# Runs the undo of a dead job under its own locks. May be killed and repeated: every line of the stack can run twice.
job_recover() {
  job_skip_recovered
  if job_alive; then
    job_tell_running
    exit 75
  fi
  job_kill_leftovers
  exec 3>>"$JOB/claim"
  if ! flock -x -w 5 3; then
    job_tell_running
    exit 75
  fi
  # Another recovery may have come to its end meanwhile.
  job_skip_recovered
  if [ ! -e "$JOB/pid" ] && ! job_claim; then
    echo "The job has just begun. Cancel it instead." >&2
    exit 75
  fi
  set +eu
  # The dead job may have been cut within a line.
  printf '\n' >>"$JOB/events"
  job_write_pid
  job_set_clock
  job_event recovering "${DOMDECK_BY:-root by hand}"
  job_announce
  job_take_locks
  trap '' TERM HUP INT
  job_free_reserve
  job_undo || {
    echo "Some of the undo failed; see $JOB/log." >&2
    exit 1
  }
  # A job that ended by itself keeps its own end; only the rest of its undo was missing.
  if [ ! -e "$JOB/status" ]; then
    printf '%-9s\n' reserved >"$JOB/status.tmp"
    job_end recovered || exit 1
  fi
  : >"$JOB/undo"
  job_tell_end recovered
  echo "Rolled back."
  exit 0
}

job_skip_recovered() {
  [ -e "$JOB/status" ] || return 0
  read -r job_ended <"$JOB/status" || job_ended=''
  if [ "$job_ended" = succeeded ] || [ ! -s "$JOB/undo" ]; then
    echo "Nothing to roll back: the job has $job_ended."
    exit 0
  fi
}

# To whoever wants to roll back a job that is at work: the job itself, or another recovery.
job_tell_running() {
  job_rescuer=$(sed -n 's/^recovering //p' "$JOB/events" 2>/dev/null | tail -n 1)
  if [ -n "$job_rescuer" ]; then
    echo "$job_rescuer is rolling this job back." >&2
  else
    job_describe "$JOB_ID" "$job_title"
    echo "The job still runs, of $job_described. Cancel it instead." >&2
  fi
}

# Whether the process in `pid` is the one that wrote it: same boot, same start time. Sets job_pid and job_session.
job_alive() {
  job_pid='' job_session='' job_began=''
  read -r job_boot <"$JOB/boot_id" && read -r job_now_boot <"${DOMDECK_ROOT:-}/proc/sys/kernel/random/boot_id" &&
    [ "$job_boot" = "$job_now_boot" ] && read -r job_pid job_began job_session <"$JOB/pid" &&
    job_read_stat "$job_pid" && [ "$job_stat_began" = "$job_began" ] && [ "$job_stat_state" != Z ]
} 2>/dev/null

# Children of a leader that was killed alone would go on writing while we undo. They share its session and carry its id in their
# environment; a domain's own xl daemon made a session of its own and lives on.
job_kill_leftovers() {
  [ -n "$job_session" ] || return 0
  # One grep for all, because a shell reads a byte at a time.
  # shellcheck disable=SC2013 # paths below /proc are words
  for job_process in $(grep -lszx "DOMDECK_JOB=$JOB_ID" /proc/[0-9]*/environ); do
    job_process=${job_process%/environ}
    job_process=${job_process#/proc/}
    # By hand, this recovery may share the session and the id.
    [ "$job_process" != $$ ] || continue
    job_read_stat "$job_process" || continue
    [ "$job_stat_session" != "$job_session" ] || kill -s KILL "$job_process" 2>/dev/null || :
  done
}

# proc(5): the name is in brackets and may hold anything, so fields count from the last bracket.
job_read_stat() {
  { read -r job_stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086 # fields
  set -- ${job_stat##*) }
  # shellcheck disable=SC2034 # the group is for cancel.sh
  job_stat_state=$1 job_stat_group=$3 job_stat_session=$4 job_stat_began=${20}
}

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
