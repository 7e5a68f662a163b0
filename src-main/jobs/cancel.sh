# shellcheck shell=sh disable=SC2154 # variables of the job library
# Behind the job library. Asks the job $1 to end, for $2 (who@where), which its journal tells: TERM to its whole process group, so that a
# long child ends too. Says `asked`, or `ended` or `dead` where there is nobody to ask. May be asked by two at once.
JOB=$STATE/jobs/$1
if ! [ -d "$JOB" ]; then
  echo absent
elif [ -e "$JOB/status" ]; then
  echo ended
elif ! job_alive && job_between_boots; then
  echo rebooting
elif ! job_alive; then
  echo dead
else
  { printf '%s\n' "cancel-asked $2" >>"$JOB/events"; } 2>/dev/null || :
  if [ "$job_stat_group" = "$job_pid" ]; then
    kill -s TERM -- "-$job_pid" 2>/dev/null && echo asked || echo ended
  else
    # Started by hand from another script: the group is not the job's alone.
    kill -s TERM -- "$job_pid" 2>/dev/null && echo asked || echo ended
  fi
fi
