# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the words of a preflight, the input and the scripts around
# How the guest of the config $config_path boots, or could boot. boot-check.sh with what it needs stands above this text.
config=$(readlink -f -- "$config_path") || config=$config_path
if [ -f "$config" ]; then
  check_boot
else
  check fail 'Config' "$config_path is gone" 'Refresh, and look for the guest again.'
fi
