#!/bin/sh
# shellcheck disable=SC2034,SC2154 # one script with job-end.sh and job-inside.sh
# The job library of Domdeck. A job is this text, then its input as assignments, then the script of its operation,
# then `finish`. It runs on dom0, detached from the session that started it, in the folder $JOB:
#
#   job.sh job.json     what runs, and who asked for it          events   a line an event, written by the words below
#   undo                a quoted command a line, run backwards   log      every command with its output
#   pid boot_id         who works on the folder, in which boot   status   the end, by rename; absent until then
#
# An operation script:
#
#   remove_mount() {                      # functions that an undo names stand ABOVE `begin`: recovery stops there
#     ! mountpoint -q -- "$1" || umount -- "$1"
#   }
#   begin                                 # takes the locks of the operation; acts come after it
#   step "Make the layer of $name"        # the Nth call is the Nth title of the operation's steps(input)
#   undo rm -f -- "$root/guests/$name/layer.img"       # on disk BEFORE the act
#   run cp --sparse=always -- "$template" "$root/guests/$name/layer.img"
#   step "Start $name"
#   undo destroy_guest "$name" "$uuid"
#   run xl create -q "$root/guests/$name/guest.cfg"
#   tick "$name" done "running"
#   result uuid "$uuid"
#
# Words:
#   begin                        once, after the functions. In a recovery it runs the undo and never returns.
#   step TITLE                   the next step begins
#   progress DONE TOTAL UNIT     within the step; whole numbers
#   tick NAME STATE [NOTE]       one of many alike: queued, running, done or failed
#   undo CMD ARG...              writes the command to the undo stack and syncs it, then returns. CMD may be a function from
#                                above `begin`. It must be able to run twice, and succeed when there is nothing to undo. Its exit
#                                code decides; `set -e` is off in an undo.
#   undo_batch CMD ARG...        the same without the sync, for many undos in a row ...
#   undo_flush                   ... and the one sync for them. `run`, `try` and `capture` flush by themselves before they act;
#                                before an act of the shell itself (printf > file) call it.
#   run CMD ARG...               logs and runs; a non-zero exit fails the job with command, exit code and last lines
#   try CMD ARG...               logs and runs; returns the exit code: `if try xl list "$name"; then`
#   capture VAR CMD ARG...       as run, and its stdout becomes the value of VAR
#   result KEY VALUE             what the job found or made
#   fail CODE WHAT HINT          ends the job: CODE is one of src-shared/problem.ts, WHAT names object and reason, HINT the next step
#   forget_undo                  what was done so far stays, whatever comes
#   stays                        something is done that cannot be undone: a job that fails after it does not say that nothing is left
#   over_reboot                  reboots the host, and never returns: the script runs again in the next boot, where `begin` sets $rebooted and takes
#                                the locks anew. What it is to remember then it keeps in files of $JOB, which it syncs. The undo stack stays.
#   lock NAME [shared]           further locks, after `begin` and in the order of their names; at most 6 in all
# No word but undo, undo_flush, run, try, capture and lock forks, and the library itself does so as little as it can: on a slow host
# a fork costs more than all else here. `set -eu` is on: a failed act of the shell fails the job.
# Variables: $root (storage root), $STATE, $RUN, $ETC_XEN (paths that a pretend host moves), $JOB, $JOB_ID, $NL (a line end),
# and the assignments of the operation. Names that begin with job_ are the library's own. The umask is 022, stdin is empty.
#
# Below the words stand the ends of a job and what the words are made of (job-end.sh and job-inside.sh in the repository).
#
# By hand, as root on dom0: `sh job.sh`; roll back a dead one with `sh /var/lib/domdeck/jobs/ID/job.sh recover`.
set -eu
export LC_ALL=C
umask 022
NL='
'
STATE=${DOMDECK_STATE:-/var/lib/domdeck}
RUN=${DOMDECK_RUN:-/run/domdeck}
# For the operation's script.
ETC_XEN=${DOMDECK_ETC_XEN:-/etc/xen}
job_mode=${1:-run} job_step=0 job_fd=3 job_closers='3>&-' job_unsynced='' job_kept='' job_outcome='' job_ending='' job_waiter='' job_undoable='' job_reasoned='' job_undo_failed=''
# Assigned between the library and the operation's script.
rebooted='' job_units=${DOMDECK_ROOT:-}/etc/systemd/system root='' job_title='' job_locks='' job_about=''

# ---- words ----------------------------------------------------------------------------------------------------------

step() {
  job_step=$((job_step + 1))
  job_event step "$job_step" "$1"
  job_say "[$job_step] $1"
}

progress() { job_event progress "$1" "$2" "$3"; }

tick() { job_event tick "$@"; }

result() { job_event result "$@"; }

undo() {
  undo_batch "$@"
  undo_flush
}

undo_batch() {
  job_quote "$@"
  printf '%s\n' "$job_quoted" >>"$JOB/undo" || job_journal_failed
  job_unsynced=1
}

stays() { job_event stays; }

forget_undo() { : >"$JOB/undo" || job_journal_failed; }

# The first time with all of the journal and its folder: until then nothing has been done that must be known after a power cut.
undo_flush() {
  if [ -n "$job_kept" ]; then
    sync "$JOB/undo"
  else
    (cd "$JOB" && sync job.sh job.json boot_id pid events log undo status.tmp reserve . ..)
  fi || job_journal_failed
  job_kept=1 job_unsynced=''
}

# A daemon that the command leaves behind (xl keeps one per domain) must not keep our locks: all our descriptors are closed.
try() {
  [ -z "$job_unsynced" ] || undo_flush
  job_quote "$@"
  printf '$ %s\n' "$job_quoted" >>"$JOB/log" || job_journal_failed
  "$@" >>"$JOB/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

run() {
  try "$@" || job_command_failed $? "$@"
}

capture() {
  job_variable=$1
  shift
  [ -z "$job_unsynced" ] || undo_flush
  job_quote "$@"
  printf '$ %s\n' "$job_quoted" >>"$JOB/log" || job_journal_failed
  job_code=0
  job_output=$("$@" 2>>"$JOB/log" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-) || job_code=$?
  printf '%s\n' "$job_output" >>"$JOB/log" || job_journal_failed
  [ "$job_code" = 0 ] || job_command_failed "$job_code" "$@"
  eval "$job_variable=\$job_output"
}

fail() {
  job_reasoned=1
  job_free_reserve
  job_event fail "$1"
  job_event what "$2"
  job_event hint "$3"
  job_say "$2 $3"
  exit 1
}

# The file's text names who holds it: a line a holder, `ID TITLE`. It stays when they end; a holder with a status is gone.
lock() {
  job_fd=$((job_fd + 1))
  [ "$job_fd" -le 9 ] || fail INTERNAL "The job asks for more than 6 locks." "Copy the details into a bug report."
  job_lock=$RUN/locks/$1
  job_how=-x
  [ "${2:-}" != shared ] || job_how=-s
  eval "exec $job_fd>>\"\$job_lock\""
  if ! flock -n $job_how "$job_fd"; then
    job_find_holder "$job_lock"
    job_event waiting "$1" "$job_holder"
    job_describe "${job_holder%% *}" "${job_holder#* }"
    printf '%s\n' "Waiting for $job_described" >>"$JOB/log" || job_journal_failed
    job_say "Waiting for $job_described"
    # In the background, because a shell runs a trap only between commands, and `wait` ends at once. The lock belongs to the
    # open file, which is ours too. Without the other descriptors, so that a waiter that outlives us keeps no earlier lock.
    eval "flock $job_how $job_fd $job_closers &"
    job_waiter=$!
    wait "$job_waiter" || fail BUSY "The lock $1 could not be taken." "Look at $job_lock on the host."
    job_waiter=''
  fi
  job_closers="$job_closers $job_fd>&-"
  if [ "$job_how" = -s ]; then
    printf '%s\n' "$JOB_ID $job_title" >>"$job_lock"
  else
    printf '%s\n' "$JOB_ID $job_title" >"$job_lock"
  fi
}

begin() {
  job_find_folder
  job_resume_unit=domdeck-resume-$JOB_ID.service
  [ "$job_mode" != recover ] || job_recover
  if [ "$job_mode" = resume ]; then
    job_claim_resume
  elif [ -e "$JOB/status" ] || ! job_claim; then
    echo "This job has been started before; it runs once." >&2
    exit 75
  fi
  # Before the traps: the end tells its time by it.
  job_set_clock
  trap job_on_signal TERM HUP INT
  trap job_on_exit EXIT
  exec </dev/null >>"$JOB/log" 2>&1
  job_undoable=1
  # Room for the end of the journal on a full disk: the status is overwritten in place, the reserve is given back first.
  printf '%-9s\n' reserved >"$JOB/status.tmp" || job_journal_failed
  printf '%65536s' '' >"$JOB/reserve" || job_journal_failed
  job_write_pid
  job_unsynced=1
  if [ -n "$rebooted" ]; then job_event resumed; else job_event started "$job_epoch"; fi
  job_announce
  job_take_locks
  job_event running
}

over_reboot() {
  if ! [ -d "$job_units" ] || ! command -v systemctl >/dev/null; then
    fail BAD_INPUT "This host has no systemd, which would take this job up again after the reboot." "Reboot it by hand."
  fi
  undo_flush
  job_quote sh "$JOB/job.sh" resume
  mkdir -p -- "$job_units/multi-user.target.wants"
  printf '%s\n' '[Unit]' "Description=Goes on with the job $JOB_ID of Domdeck" "RequiresMountsFor=$JOB" 'After=xendomains.service ssh.service' '' \
    '[Service]' 'KillMode=process' "ExecStart=/bin/$job_quoted" >"$job_units/$job_resume_unit"
  ln -sfn -- "../$job_resume_unit" "$job_units/multi-user.target.wants/$job_resume_unit"
  printf '%s\n' "$job_step" >"$JOB/resume.new"
  sync "$JOB/resume.new" "$JOB/events" "$JOB/log" "$job_units/$job_resume_unit"
  mv -f -- "$JOB/resume.new" "$JOB/resume"
  sync "$JOB" "$job_units" "$job_units/multi-user.target.wants"
  # From here on the shutdown ends this process, which is no cancel.
  trap '' TERM HUP INT
  if ! try systemctl reboot; then
    job_forget_resume
    fail COMMAND_FAILED "systemctl reboot failed." "Reboot the host by hand, and read the end of the log."
  fi
  job_event rebooting
  trap - EXIT
  exit 0
}

finish() {
  # What the job made must outlive a power cut before it is called finished.
  job_write_end succeeded || job_journal_failed
  if [ -d "$root" ]; then run sync -f "$JOB" "$root"; else run sync -f "$JOB"; fi
  trap '' TERM HUP INT
  job_publish_end || job_journal_failed
  job_outcome=succeeded
  exit 0
}
