# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Has the guest $name, which is off, boot another $way: writes the keys $boot_type, $boot_kernel and so on to its config, and takes out those
# that are empty. config-keys.sh, settings.sh and boot-check.sh with what it needs stand above this text.

check() { # VERDICT TITLE FACT [ADVICE]
  [ "$1" != fail ] || fail PREFLIGHT_FAILED "$name cannot boot so: $2: $3." "$4"
  printf '%s: %s\n' "$2" "$3"
}

text() {
  :
}

# What the file said, for the job that takes this back; a value that is put together or escaped can only be put back by hand.
say_key() { # KEY
  key_was=$(config_get "$config" "$1") || return 0
  if grep -q "^[[:blank:]]*$1[[:blank:]]*+=" "$config"; then
    fail BAD_INPUT "$1 in $config is put together of pieces, by +=." "Write it there as one string first."
  fi
  case $key_was in
    *\\*) result odd "$1" ;;
    \"*\" | \'*\')
      key_was=${key_was#?}
      result "$1" "${key_was%?}"
      ;;
    *) result odd "$1" ;;
  esac
}

quoted() { # VALUE: sets quoted
  quoted=''
  [ -z "$1" ] || quoted="\"$1\""
}

begin

step "Check $name"
find_config
[ -n "$config" ] || fail BAD_INPUT "No config file of $name is known on this host, so there is nowhere to write it." "Write one, and start $name from it."
check_boot

step 'Write it to the config'
for key in type builder kernel ramdisk bootloader root extra cmdline; do say_key "$key"; done
keep_config "$config"
set -- type "\"$boot_type\"" builder '' pvh ''
for key in kernel ramdisk bootloader root extra cmdline; do
  eval "quoted \"\$boot_$key\""
  set -- "$@" "$key" "$quoted"
done
# xl refuses a file in which `type` and the older `builder` or `pvh` contradict each other (xen 4.17 tools/xl/xl_parse.c).
run config_set "$config" "$@"
result config "$config"
