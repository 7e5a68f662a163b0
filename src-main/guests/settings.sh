# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Where the settings of a guest stand. config-keys.sh stands above this text.

# Sets config to the file that the guest $name is started from, or to '' when there is none, and folder to the guest's own if it is
# one of Domdeck's. $config_path wins if it is given.
find_config() {
  config='' folder=''
  # Folders of ours have plain names; guests of others have any.
  case $name in *[!a-z0-9-]*) ;; *) folder=$root/guests/$name ;; esac
  if [ -n "$folder" ] && { [ -z "$uuid" ] || ! grep -qs "\"uuid\":\"$uuid\"" "$folder/guest.json"; }; then folder=''; fi
  if [ -n "$config_path" ]; then
    [ -f "$config_path" ] || fail NOT_FOUND "The config of $name, $config_path, is gone." "Refresh, and look for the guest again."
    config=$(readlink -f -- "$config_path")
  elif [ -n "$folder" ]; then
    [ -f "$folder/guest.cfg" ] || fail NOT_FOUND "The config of $name, $folder/guest.cfg, is gone." "Put it back, or delete the guest."
    config=$(readlink -f -- "$folder/guest.cfg")
  else
    for config_file in "$ETC_XEN"/*.cfg "$ETC_XEN"/auto/*; do
      [ -f "$config_file" ] || continue
      config_value=$(config_get "$config_file" uuid) || continue
      case $config_value in
        "\"$uuid\"" | "'$uuid'")
          config=$(readlink -f -- "$config_file")
          break
          ;;
      esac
    done
  fi
  if [ -n "$folder" ] && [ -e "$folder/saved" ]; then
    fail BUSY "$name is saved: it goes on as it was when it was saved." "Start it first, or discard what was saved."
  fi
}

# Sets domid, or '' when the guest does not run.
running_domid() {
  domid=''
  if [ -n "$uuid" ]; then
    domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  else
    domids_named "$name" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
  fi
  case $domids in
    *"$NL"*) fail BUSY "$name is just being made or torn down." "Wait a moment, and try again." ;;
  esac
  domid=$domids
  [ -n "$domid$config" ] || fail NOT_FOUND "$name does not run, and no config file of it is known on this host." "Refresh, and look again."
}

# Ends the job unless the running guest can answer to a change. Sets what domain_state does.
refuse_unable() { # WHAT IT CANNOT DO WHILE PAUSED
  domain_state "$uuid"
  case $state in
    ??p*) fail BUSY "$name is paused, so it cannot $1." "Unpause it first." ;;
    *s* | *c* | *d*) fail BUSY "$name is going down or has crashed." "Start it again first." ;;
  esac
}

# Writes an amount and sees to the key that bounds it: raised when it is too low; of a guest that is off it follows when both were the
# same, so that no balloon is left where none was asked for.
write_amount() { # KEY MAX_KEY VALUE
  config_number "$config" "$2"
  config_max=$config_number
  config_number "$config" "$1"
  keep_config "$config"
  if [ -n "$config_max" ]; then
    if [ "$config_max" -lt "$3" ] || { [ -z "$domid" ] && [ "$config_max" = "$config_number" ]; }; then
      run config_set "$config" "$2" "$3"
    fi
  fi
  run config_set "$config" "$1" "$3"
  result config "$config"
}

# Says what an amount was, for a job that takes the change back; before write_amount. Only where that job would leave things just as
# they were: the file and the running guest had the same number, and the bound stays, or follows both ways.
say_before() { # KEY MAX_KEY VALUE LIVE, which is '' for a guest that is off
  was=$4
  if [ -n "$config" ]; then
    config_number "$config" "$2"
    config_max=$config_number
    config_number "$config" "$1"
    was=$config_number
    [ -n "$was" ] && [ "$was" = "${4:-$was}" ] || return 0
    if [ -z "$config_max" ]; then
      :
    elif [ -n "$domid" ]; then
      [ "$config_max" -ge "$3" ] && [ "$config_max" -ge "$was" ] || return 0
    elif [ "$config_max" != "$was" ]; then
      [ "$config_max" -gt "$3" ] && [ "$config_max" -gt "$was" ] || return 0
    fi
  fi
  [ "$was" = "$3" ] || result before "$was"
}

# Whether the file says so already; then it is not touched.
config_says() { # KEY VALUE
  config_number "$config" "$1"
  [ "$config_number" = "$2" ]
}

# Sets seconds, by the host's own uptime: on a slow host a count of tries would tell another time.
read_seconds() {
  read -r seconds _ </proc/uptime
  seconds=${seconds%%.*}
}
