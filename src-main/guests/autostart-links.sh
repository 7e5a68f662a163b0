# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The links in /etc/xen/auto, and the one that an adopted guest has in /etc/xen: whatever their names, they lead to the config of a guest.

# Prints the links of a folder that lead to a file, a line each.
links_in() { # FOLDER FILE
  linked=$(readlink -f -- "$2") || return 0
  for link in "$1"/*; do
    case $link in *"$NL"*) continue ;; esac
    [ -L "$link" ] && [ "$(readlink -f -- "$link")" = "$linked" ] && printf '%s\n' "$link"
  done
  return 0
}

remove_link() { # LINK TARGET
  [ "$(readlink -- "$1")" != "$2" ] || rm -f -- "$1"
}

put_link() { # LINK TARGET
  [ -e "$1" ] || [ -L "$1" ] || ln -s -- "$2" "$1"
}

unit_folder=${DOMDECK_ROOT:-}/etc/systemd/system
unit=$unit_folder/domdeck-bases.service
wanted=$unit_folder/xendomains.service.wants/domdeck-bases.service

# Says at boot which bases to attach. After a boot no base is attached, and xendomains would find none of the disks that our
# guests stand on. Goes with the last of them.
forget_unit() {
  for link in "$ETC_XEN"/auto/*; do
    linked=$(readlink -f -- "$link") || continue
    if [ -f "${linked%/*}/guest.json" ]; then return 0; fi
  done
  rm -f -- "$wanted" "$unit" "$root/attach-bases.sh"
}
