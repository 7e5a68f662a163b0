#!/bin/sh
# compare.sh CONFIG DOMID
# The config file of a guest, its domain as xl has it, and what xenstore says of it, in one answer; reads only. What they say stands
# below its heading with a `|` before every line.
LC_ALL=C
export LC_ALL

printf 'config\n'
sed 's/^/|/' -- "$1" || exit
# A last line without its end must not swallow the next heading.
printf '\ndomain\n'
domain=$(xl list -l "$2") || exit
printf '%s\n' "$domain" | sed 's/^ *//; s/^/|/'
printf 'store\n'
xenstore-ls -f "/local/domain/$2" | sed -n "s|^/local/domain/$2/||; /^name = /p; /^memory\/target = /p; /^memory\/static-max = /p" | sed 's/^/|/'
