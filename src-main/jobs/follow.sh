# shellcheck shell=sh disable=SC2154 # variables of the job library
# Behind the job library. Follows the job $1 until it has ended: its events on stdout, its log from byte $2 on on stderr, both as
# they are; in between, lines for Domdeck begin with a colon, as no event does. Ends by itself when the job does.
JOB=$STATE/jobs/$1

# A job that reboots its host has ended neither before it goes down nor until systemd has taken it up.
wait_out_reboot() {
  while ! job_alive && job_between_boots; do sleep 0.5; done
}

[ -d "$JOB" ] || {
  echo ":absent"
  exit 0
}
# On its way still, if the folder is younger than a minute.
until [ -s "$JOB/pid" ] || [ -e "$JOB/status" ] || [ -n "$(find "$JOB" -maxdepth 0 -mmin +0)" ]; do sleep 0.2; done
echo ":now $(date +%s)"
wait_out_reboot
if job_alive; then
  tail -c "+$(($2 + 1))" -f --pid="$job_pid" -s 0.2 -- "$JOB/log" >&2 &
  tail -n +1 -f --pid="$job_pid" -s 0.2 -- "$JOB/events"
  wait
  wait_out_reboot
else
  [ ! -e "$JOB/log" ] || tail -c "+$(($2 + 1))" -- "$JOB/log" >&2
  [ ! -e "$JOB/events" ] || cat -- "$JOB/events"
fi
# A killed job may have been cut within a line.
echo
[ ! -s "$JOB/undo" ] || echo ":undo"
if [ -e "$JOB/status" ]; then
  read -r job_ended <"$JOB/status"
  echo ":status $job_ended"
elif job_alive; then
  echo ":alive"
else
  echo ":dead"
fi
