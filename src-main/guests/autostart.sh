# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Has the guest $name start with its host, or not, when $on is empty. xendomains starts what is in /etc/xen/auto in order of name, so an
# order is the number at the front of a link: $prefix, or '' to leave it as it is. config-keys.sh, settings.sh, autostart-links.sh, domain.sh
# and disk-guard.sh stand above this text.

begin

step "Check $name"
find_config
[ -n "$config" ] || fail BAD_INPUT "No config file of $name is known on this host, so nothing can start it." \
  "Write a config for it, and start it from there."
case $config in
  "$ETC_XEN"/auto/*)
    fail BAD_INPUT "The config of $name lies in $ETC_XEN/auto itself: it starts with the host as long as it is there." \
      "Move it to $ETC_XEN on the host; then Domdeck can link it."
    ;;
esac
if [ -n "$on" ] && command -v systemctl >/dev/null && ! try systemctl is-enabled xendomains; then
  fail BAD_INPUT "xendomains is not enabled on this host, so nothing in $ETC_XEN/auto is started when it boots." \
    "Enable it there: systemctl enable xendomains."
fi
if [ -n "$on" ]; then
  # xendomains asks nobody.
  running_domid
  guard_own=$domid
  guard_disks "$config" || fail BUSY "$guard_what" "$guard_hint"
fi
before=$(links_in "$ETC_XEN/auto" "$config")
plain=${config##*/}
[ "$plain" != guest.cfg ] || plain=$name.cfg
if [ -z "$on" ]; then
  wished=''
elif [ -z "$prefix" ] && [ -n "$before" ]; then
  wished=${before%%"$NL"*}
else
  wished=$ETC_XEN/auto/$prefix$plain
  if { [ -e "$wished" ] || [ -L "$wished" ]; } && [ "$(readlink -f -- "$wished")" != "$config" ]; then
    fail BUSY "$wished is there already, for another guest." "Choose another order, or remove that link on the host."
  fi
fi

# What was there, in the words of the input, for a job that takes this one back; of links that Domdeck would not make so, nothing is said.
case $before in
  "$wished" | *"$NL"*) ;;
  '') result before none ;;
  "$ETC_XEN/auto/"*"$plain")
    order=${before#"$ETC_XEN/auto/"} order=${order%"$plain"}
    if [ "$(readlink -- "$before")" = "$config" ]; then
      case $order in
        # An order that a link has cannot be taken from it again, only its whole link.
        '') [ -n "$on" ] || result before unordered ;;
        [0-9][0-9][0-9]-) result before "${order%-}" ;;
      esac
    fi
    ;;
esac

if [ -n "$on" ]; then step 'Link its config'; else step 'Remove the link'; fi
if [ -n "$wished" ]; then
  if [ -n "$folder" ] && [ ! -e "$wanted" ]; then
    undo forget_unit
    run mkdir -p -- "${wanted%/*}"
    printf '%s\n' "$attach_bases" >"$root/attach-bases.sh"
    printf '%s\n' '[Unit]' 'Description=Attach the bases of guests that start with this host (Domdeck)' \
      "RequiresMountsFor=$root" 'Before=xendomains.service' '' \
      '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' "ExecStart=/bin/sh $root/attach-bases.sh $root" >"$unit"
    run ln -sfn -- ../domdeck-bases.service "$wanted"
  fi
  if [ ! -L "$wished" ]; then
    [ -d "$ETC_XEN/auto" ] || run mkdir -p -- "$ETC_XEN/auto"
    undo remove_link "$wished" "$config"
    run ln -s -- "$config" "$wished"
  fi
fi
while [ -n "$before" ]; do
  old=${before%%"$NL"*}
  before=${before#"$old"} before=${before#"$NL"}
  [ "$old" != "$wished" ] || continue
  undo put_link "$old" "$(readlink -- "$old")"
  run rm -- "$old"
done
[ -n "$on" ] || run forget_unit
result link "${wished:-none}"
