# shellcheck shell=sh
# Behind the job library. Prints the clock of the host, a line for each job (`job ID alive|resuming|dead|new|ended [undo]`), then the
# files of these jobs as `tail -v` heads them. All jobs without an end, and the newest $1 of the others; with more operands, the jobs
# of these ids only.
# One fork for all files: no line of job.json, status or events begins with `==> `.
cd "$STATE/jobs" 2>/dev/null || exit 0
echo "now $(date +%s)"
job_limit=$1
shift
[ $# -gt 0 ] || set -- *
# Names are ULIDs, so the glob has the oldest first; the newest are wanted.
job_newest_first=''
for JOB; do
  case $JOB in *[!0-9A-Z]*) continue ;; esac
  [ ! -e "$JOB/job.json" ] || job_newest_first="$JOB $job_newest_first"
done
set --
for JOB in $job_newest_first; do
  job_undo_left=''
  [ ! -s "$JOB/undo" ] || job_undo_left=' undo'
  if [ -e "$JOB/status" ]; then
    [ "$job_limit" -gt 0 ] || continue
    job_limit=$((job_limit - 1))
    echo "job $JOB ended$job_undo_left"
    set -- "$@" "$JOB/status"
  elif job_alive; then
    echo "job $JOB alive$job_undo_left"
  elif job_between_boots; then
    echo "job $JOB resuming$job_undo_left"
  elif [ -s "$JOB/pid" ] || [ -z "$(find "$JOB" -maxdepth 0 -mmin -1)" ]; then
    echo "job $JOB dead$job_undo_left"
  else
    # On its way: between its folder and its first act.
    echo "job $JOB new"
  fi
  set -- "$@" "$JOB/job.json"
  [ ! -e "$JOB/events" ] || set -- "$@" "$JOB/events"
done
[ $# = 0 ] || tail -v -n +1 -- "$@" 2>/dev/null || :
