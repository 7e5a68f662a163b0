# shellcheck shell=sh disable=SC2154 # names of boot-files.sh, which stands above
# What this host boots and how: a `key value` line each, and files with a letter and a bar before every line. Reads only.
set -u
export LC_ALL=C

lines_of() { # LETTER: stdin, behind it
  sed "s/^/$1|/"
}

if ! [ -f "$menu" ] || ! command -v grub-mkconfig >/dev/null; then
  printf 'unfit %s\n' "It does not boot by GRUB 2: there is no $menu, or no grub-mkconfig."
elif ! command -v systemctl >/dev/null || ! [ -d "$system/etc/systemd/system" ]; then
  printf 'unfit %s\n' 'A changed boot is watched over by systemd, which this host does not have.'
elif unwritable=$(unwritable_by_grub); then
  printf 'unfit %s\n' "GRUB cannot write to $unwritable, where its grubenv is: it could boot nothing once, and not go back by itself."
fi
if [ -f "$menu" ]; then
  printf 'sum %s\n' "$(show_menu "$menu" | cksum)"
  # The menu of a host with a dozen kernels has 60 kB.
  show_menu "$menu" | head -c 1000000 | lines_of m
  echo
fi
grub-editenv "$grubenv" list 2>/dev/null | head -c 2000 | lines_of e
sed -n 's/^# settings: /settings /p' "$dropin" 2>/dev/null | head -n 1
printf 'linux %s\n' "$(cat "$system/proc/cmdline")"
printf 'release %s\n' "$(uname -r)"
if xen=$(timeout 20 xl info xen_commandline 2>/dev/null); then printf 'xen %s\n' "$xen"; fi
printf 'panic %s\n' "$(cat "$system/proc/sys/kernel/panic" 2>/dev/null || echo 0)"
sed -n 's/^[ \t]*autoballoon[ \t]*=[ \t]*"\{0,1\}\([a-z0-9]*\).*/autoballoon \1/p' "${DOMDECK_ETC_XEN:-/etc/xen}/xl.conf" 2>/dev/null | tail -n 1
[ ! -e "$hold/held" ] || lines_of h <"$hold/held"
[ ! -e "$hold/last" ] || lines_of l <"$hold/last"
echo end
