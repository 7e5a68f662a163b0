# shellcheck shell=sh
# Behind the job library, before follow.sh. Receives job.json (a line) and job.sh ($2 bytes) of the new job $1 on stdin, puts
# them on disk, and starts the job detached from this session. Lines for Domdeck begin with a colon.
umask 077
job_refuse() {
  echo ":refused $1"
  exit 1
}

# The folder gets its name only when it is whole: a link that dies here leaves no job.
job_receive() {
  mkdir -p -- "$JOB.new" "$RUN/locks" || return 1
  IFS= read -r job_json || return 1
  printf '%s\n' "$job_json" >"$JOB.new/job.json" || return 1
  # dd, because some head(1) reads more than it is asked for. It succeeds with less, too, and says so.
  job_copied=$(dd bs="$1" count=1 iflag=fullblock of="$JOB.new/job.sh" 2>&1) || {
    echo "$job_copied"
    return 1
  }
  case $job_copied in 1+0*) ;; *) return 1 ;; esac
  mv -T -- "$JOB.new" "$JOB" || return 1
  sync "$JOB/job.sh" "$JOB/job.json" "$JOB" "$STATE/jobs" || {
    rm -rf -- "$JOB"
    return 1
  }
}

# The newest 200 ended jobs stay. One whose undo has not run to its end stays too.
job_prune() {
  # What never arrived whole, because power was cut meanwhile. One that just arrives gets its name under find's eyes.
  for job_old in "$STATE"/jobs/*.new; do
    [ ! -d "$job_old" ] || find "$job_old" -maxdepth 0 -mmin +60 -exec rm -rf -- {} + 2>/dev/null || :
  done
  set -- "$STATE"/jobs/*/status
  job_excess=$(($# - 199))
  for job_old; do
    [ "$job_excess" -gt 0 ] || return 0
    job_excess=$((job_excess - 1))
    job_old=${job_old%/status}
    # Another start may remove the same one.
    [ -s "$job_old/undo" ] || rm -rf -- "$job_old" || :
  done
}

# KillMode=process: xl leaves a daemon for each domain in the cgroup of the unit, which must outlive the job; without it nobody acts on
# on_reboot. PATH gets the folders of root's tools, which a session by SSH may lack.
job_detach() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  set -- "DOMDECK_STATE=$STATE" "DOMDECK_RUN=$RUN" "DOMDECK_ETC_XEN=$ETC_XEN" "DOMDECK_JOB=$JOB_ID" "LC_ALL=C" "PATH=$PATH"
  if [ "${DOMDECK_DETACH:-}" != setsid ] && [ -d /run/systemd/system ]; then
    for job_setting; do
      set -- "$@" "--setenv=$job_setting"
      shift
    done
    systemd-run --quiet --collect --unit="domdeck-job-$JOB_ID" -p KillMode=process -p Type=exec "$@" sh "$JOB/job.sh" 2>&1
  else
    setsid env "$@" sh "$JOB/job.sh" </dev/null >/dev/null 2>&1 &
    job_leader=$!
  fi
}

job_lives() {
  if [ -n "$job_leader" ]; then
    kill -s 0 "$job_leader" 2>/dev/null
  else
    systemctl is-active --quiet "domdeck-job-$JOB_ID"
  fi
}

job_leader=''
JOB_ID=$1
JOB=$STATE/jobs/$1
if ! job_error=$(job_receive "$2" 2>&1); then
  rm -rf -- "$JOB.new"
  job_refuse "The job could not be written to $STATE/jobs: ${job_error:-it did not arrive whole}"
fi
job_prune
job_output=$JOB/detach
if ! job_detach >"$job_output"; then
  job_error=$(cat "$job_output")
  rm -rf -- "$JOB"
  job_refuse "systemd-run did not start the job: $job_error"
fi
rm -f -- "$job_output"
job_tries=0
until [ -s "$JOB/pid" ] || [ -e "$JOB/status" ]; do
  job_tries=$((job_tries + 1))
  if [ $((job_tries % 10)) = 0 ] && ! job_lives && ! [ -s "$JOB/pid" ] && ! [ -e "$JOB/status" ]; then
    rm -rf -- "$JOB"
    job_refuse "The job ended before it began; somebody may have killed it."
  fi
  if [ "$job_tries" -gt 300 ]; then
    # It may still begin; nobody can say yet.
    echo ":late"
    exit 0
  fi
  sleep 0.1
done
echo ":started"
set -- "$JOB_ID" 0
