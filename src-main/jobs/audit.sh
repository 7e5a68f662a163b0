# shellcheck shell=sh disable=SC2154 # variables of the job library
# Behind the job library. The commands that the jobs of these ids ran, as their logs tell them, with the file before each line:
# `ID/log:$ COMMAND`, and `ID/log:undo $ COMMAND` for those of the undo. One fork for all.
cd "$STATE/jobs" || exit
for JOB; do
  set -- "$@" "$JOB/log"
  shift
done
grep -asHE '^(undo )?[$] ' -- "$@" || :
