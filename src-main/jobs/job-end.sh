# shellcheck shell=sh disable=SC2034,SC2154 # one script with job.sh and job-inside.sh
# The ends of a job, behind the words of job.sh: how it succeeds, fails or is cancelled and undone, and how a dead one is rolled back.

# ---- the end --------------------------------------------------------------------------------------------------------

job_on_signal() {
  # Nobody has cancelled it: its host goes down once more, and it goes on in the boot after that.
  if [ -e "$JOB/resume" ] && ! grep -q '^cancel-asked ' "$JOB/events"; then
    touch "$JOB/resume"
    trap - EXIT
    exit 0
  fi
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
    job_forget_resume
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
    # Whatever failed for it: this is what there is something to be done about.
    job_full=$(tail -n 20 -- "$JOB/log" 2>/dev/null | grep -m 1 'No space left on device') || job_full=''
    [ -z "$job_full" ] || job_event full "$job_full"
  fi
  [ -z "$job_undoable" ] || job_undo
  job_end "$job_outcome" && [ -z "$job_undo_failed" ] && : >"$JOB/undo"
  job_forget_resume
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

# ---- over a reboot --------------------------------------------------------------------------------------------------

# Takes the job up in a later boot than the one that over_reboot ended. A power cut after that begins it here again.
job_claim_resume() {
  if [ -e "$JOB/status" ]; then
    job_forget_resume
    exit 0
  fi
  [ -e "$JOB/resume" ] || exit 75
  exec 3>>"$JOB/claim"
  flock -n 3 || exit 75
  read -r job_boot <"$JOB/boot_id" && read -r job_now_boot <"${DOMDECK_ROOT:-}/proc/sys/kernel/random/boot_id" || exit 75
  if [ "$job_boot" = "$job_now_boot" ]; then
    echo "The host has not been rebooted since this job asked for it." >&2
    exit 75
  fi
  # The power may have gone within a line.
  printf '\n' >>"$JOB/events"
  read -r job_step <"$JOB/resume"
  rebooted=1 job_kept=''
}

# Whether the job waits for the next boot, or in that one for systemd to take it up: at most a quarter of an hour each.
job_between_boots() {
  [ -e "$JOB/resume" ] && [ ! -e "$JOB/status" ] || return 1
  { read -r job_boot <"$JOB/boot_id" && read -r job_now_boot <"${DOMDECK_ROOT:-}/proc/sys/kernel/random/boot_id"; } 2>/dev/null || return 1
  if [ "$job_boot" = "$job_now_boot" ]; then
    [ -n "$(find "$JOB/resume" -mmin -15)" ]
  else
    read -r job_up _ <"${DOMDECK_ROOT:-}/proc/uptime" && [ "${job_up%%.*}" -lt 900 ]
  fi
}

job_forget_resume() {
  [ -e "$JOB/resume" ] || return 0
  rm -f -- "$job_units/multi-user.target.wants/$job_resume_unit" "$job_units/$job_resume_unit" "$JOB/resume"
}

# ---- recovery -------------------------------------------------------------------------------------------------------

# Runs the undo of a dead job under its own locks. May be killed and repeated: every line of the stack can run twice.
job_recover() {
  job_skip_recovered
  if job_alive; then
    job_tell_running
    exit 75
  fi
  if job_between_boots; then
    echo "The job goes on by itself after the reboot of this host." >&2
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
  job_forget_resume
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
