# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Writes to the config of the guest $name what xl does when it crashes: $policy. config-keys.sh and settings.sh stand above this text.

begin

step "Check $name"
find_config
[ -n "$config" ] || fail BAD_INPUT "No config file of $name is known on this host, so there is nowhere to write it." \
  "xl reads it from the config when a guest starts; write one, and start $name from it."

case $policy in
  coredump-*)
    if grep -qs '"encrypted":true\|"encryptedSwap":true' "${config%/*}/guest.json"; then
      fail BAD_INPUT "$name has encrypted disks, and its memory holds their keys: in a core dump they would lie on this host." "Choose another policy."
    fi
    ;;
esac

step 'Write it to the config'
# What xl does where the file says nothing (xl.cfg(5)).
before=$(config_get "$config" on_crash) || before=destroy
if [ "$before" != "\"$policy\"" ]; then
  keep_config "$config"
  run config_set "$config" on_crash "\"$policy\""
fi
result config "$config"
before=${before#[\"\']}
result before "${before%[\"\']}"
# xl has read the config of a running guest when it started it.
result applies 'at its next start'
