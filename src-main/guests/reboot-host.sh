# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Reboots this host. Where $guests says shutdown, its guests are shut down before, the last to start first, and those are started again after it.
# With $upgrade all its packages are upgraded while no guest runs, and the boot after that is held. guest-disks.sh with what it needs,
# config-keys.sh, settings.sh, autostart-links.sh, disk-guard.sh, boot-files.sh and hold-boot.sh stand above this text.

# Lines of $JOB/guests: when it starts (the number of its link in /etc/xen/auto, 999 without), UUID, config, name.
start_again() { # UUID CONFIG NAME
  domids_of "$1" || return 1
  [ -z "$domids" ] || return 0
  if [ "$2" = "$root/guests/$3/guest.cfg" ] && [ -f "$root/guests/$3/guest.json" ]; then ready_disks "$root/guests/$3" "$3"; fi
  guard_disks "$2" || fail BUSY "$guard_what" "$guard_hint"
  # Not without it: the daemon that xl leaves behind would keep the locks of this job for as long as the guest lives.
  try xl create -q "$2"
}

list_guests() {
  : >"$JOB/guests"
  domain_list=$(xl list -v) || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  printf '%s\n' "$domain_list" | awk 'NF > 7 && length($(NF-2)) == 36 && $(NF-7) != 0 {
    uuid = $(NF-2); state = $(NF-4)
    sub(/ +[0-9]+ +[0-9]+ +[0-9]+ +[-a-zA-Z?]+ +[0-9.]+ +[-0-9a-f]+ +[^ ]+ +[^ ]+ *$/, "")
    print state, uuid, $0
  }' >"$JOB/domains"
  while read -r state uuid name; do
    case $state in
      ??p*) fail BUSY "$name is paused, so it cannot shut down." "Unpause it, or destroy it, first." ;;
      # They are over, whatever becomes of what is left of them.
      *s* | *c* | *d*) continue ;;
    esac
    config_path=''
    find_config
    [ -n "$config" ] || fail NOT_FOUND "No config file of $name is known on this host, so it could not be started again." \
      "Write its config to $ETC_XEN, or shut it down yourself."
    order=$(links_in "$ETC_XEN/auto" "$config" | head -n 1)
    order=${order##*/} order=${order%%[!0-9]*}
    case ${#order} in
      1) order=00$order ;;
      2) order=0$order ;;
      3) ;;
      *) order=999 ;;
    esac
    printf '%s\t%s\t%s\t%s\n' "$order" "$uuid" "$config" "$name" >>"$JOB/guests"
    tick "$name" queued
  done <"$JOB/domains"
  sort -o "$JOB/guests" -- "$JOB/guests"
}

# Asks all guests of one order at once, and again where one that just boots has dropped the request.
shut_down() { # ORDER
  asked_at=''
  read_seconds
  began_at=$seconds
  while :; do
    read_seconds
    again=''
    [ -n "$asked_at" ] && [ $((seconds - asked_at)) -lt 20 ] || again=1
    left=''
    while IFS=$tab read -r order uuid config name; do
      [ "$order" = "$1" ] || continue
      domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
      if [ -z "$domids" ]; then
        case $ended in
          *" $uuid "*) ;;
          *)
            ended="$ended$uuid "
            tick "$name" 'done' 'is off'
            ;;
        esac
        continue
      fi
      left=$name
      if [ -n "$again" ]; then
        [ -n "$asked_at" ] || tick "$name" running 'asked to shut down'
        for domid in $domids; do try xl shutdown "$domid" || :; done
      fi
    done <"$JOB/guests"
    [ -n "$left" ] || return 0
    [ -z "$again" ] || asked_at=$seconds
    [ $((seconds - began_at)) -lt "$limit_s" ] ||
      fail JOB_FAILED "$left has not shut down within $limit_s seconds." "Look at its console to see what it waits for, or destroy it. The others are started again."
    sleep 0.5
  done
}

# Sets not_started, names by commas.
start_guests() {
  while IFS=$tab read -r order uuid config name; do
    tick "$name" running 'starts'
    # Apart, so that one that does not start keeps no other from it.
    if (start_again "$uuid" "$config" "$name") </dev/null >>"$JOB/log" 2>&1; then
      tick "$name" 'done' running
    else
      tick "$name" failed 'did not start'
      not_started="$not_started${not_started:+, }$name"
    fi
  done <"$JOB/guests"
}

tab=$(printf '\t')
ended=' '

begin

if [ -z "$rebooted" ]; then
  step 'Check the host'
  : >"$JOB/guests"
  if try xl info; then : >"$JOB/xen"; fi
  if [ "$guests" = shutdown ] && [ -e "$JOB/xen" ]; then list_guests; fi
  if [ -n "$upgrade" ]; then
    check_holding
    command -v apt-get >/dev/null || fail NOT_FOUND "There is no apt-get on this host." "Upgrade it by its own tools, then reboot it here."
    step 'Fetch the new packages'
    run apt-get -q update
    run apt-get -q -y -d dist-upgrade
  fi

  if [ "$guests" = shutdown ]; then
    step 'Shut its guests down'
    # An undo runs backwards.
    sort -r -o "$JOB/backwards" -- "$JOB/guests"
    while IFS=$tab read -r order uuid config name; do
      undo_batch start_again "$uuid" "$config" "$name"
    done <"$JOB/backwards"
    cut -f 1 "$JOB/guests" | sort -ru >"$JOB/orders"
    while read -r stage; do shut_down "$stage"; done <"$JOB/orders"
  fi

  if [ -n "$upgrade" ]; then
    step 'Upgrade'
    default_value "$menu"
    keep_before "$value" 'the upgraded system' leave
    stays
    # As the administrator of the host answered before, and his files stay.
    run env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold dist-upgrade
    try_entry '' 'the upgraded system'
  fi

  step 'Reboot'
  if [ -e "$hold/held" ]; then run cp -- "$hold/held" "$JOB/held"; fi
  run sync -f "$JOB"
  over_reboot
fi

# Rebooted it is, whatever comes.
stays
step 'Wait until it is up'
while [ -e "$hold/held" ]; do sleep 1; done
why=''
if [ -e "$JOB/held" ] && grep -qx 'outcome back' "$hold/last"; then
  why=$(sed -n 's/^why //p' "$hold/last")
elif grep -qsx 'xen no' "$JOB/held"; then
  rm -f -- "$JOB/xen"
fi
if [ -e "$JOB/xen" ]; then
  read_seconds
  began_at=$seconds
  until try xl info; do
    read_seconds
    [ $((seconds - began_at)) -lt 300 ] ||
      fail NOT_XEN "The host is up, but xl info does not work there." "Look at \`systemctl status xen\` there, and at what it has booted."
    sleep 2
  done
fi
result kernel "$(uname -r)"

not_started=''
if [ "$guests" = shutdown ]; then
  step 'Start its guests'
  if [ -e "$JOB/xen" ]; then start_guests; else echo 'The host runs without Xen: its guests stay off.'; fi
fi
# It has been rebooted, and nothing can take that back.
forget_undo
if [ -n "$why" ]; then
  fail JOB_FAILED "The changed boot has not proven itself, and the host is back on the one from before: $why" "Look at the console of the host for what stopped it."
fi
if [ -n "$not_started" ]; then
  fail JOB_FAILED "The host is back, but some guests did not start: $not_started." "Read the log for the reason, and start them from their menus."
fi
