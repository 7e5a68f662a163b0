# shellcheck shell=sh
# Behind the job library. Runs the undo of the dead job $1 by its own script, for $2 (who@where). Not detached: a lost link does not end it, because
# it writes to its journal only, and a recovery that is killed can be repeated.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
[ -d "$STATE/jobs/$1" ] || {
  echo "There is no job $1 on this host." >&2
  exit 66
}
exec env DOMDECK_JOB="$1" DOMDECK_BY="$2" sh "$STATE/jobs/$1/job.sh" recover
