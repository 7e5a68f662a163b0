# shellcheck shell=sh disable=SC2154 # variables of the job library
# Behind the job library. Asks the job $1 to end: TERM to its whole process group, so that a long child ends too. Says `asked`, or
# `ended` or `dead` where there is nobody to ask.
JOB=$STATE/jobs/$1
if ! [ -d "$JOB" ]; then
  echo absent
elif [ -e "$JOB/status" ]; then
  echo ended
elif ! job_alive; then
  echo dead
elif [ "$job_stat_group" = "$job_pid" ]; then
  kill -s TERM -- "-$job_pid" && echo asked
else
  # Started by hand from another script: the group is not the job's alone.
  kill -s TERM -- "$job_pid" && echo asked
fi
