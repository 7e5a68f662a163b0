# shellcheck shell=sh disable=SC2154 # names of boot-files.sh, which stands above, and the input
# What the menu would be with other settings ($settings: write $dropin_text, remove, or leave): the files as they would change, as diffs
# behind `d|`, and the new menu behind `m|`. grub-mkconfig runs on a copy of /etc/default, mounted over it in a namespace that ends here.
set -u
export LC_ALL=C

# shellcheck disable=SC2329 # the trap runs it
leave() { rm -rf -- "$scratch"; }

compare() { # OLD NEW NAME
  old=$1
  [ -e "$old" ] || old=/dev/null
  diff -u --label "$3" --label "$3" -- "$old" "$2" | head -c 200000 | sed 's/^/d|/'
  echo
}

scratch=$(mktemp -d) || exit 1
trap leave EXIT
name=${dropin#"$system"}
cp -a -- "$system/etc/default" "$scratch/default" || exit 1
mkdir -p -- "$scratch/default/grub.d"
new=$scratch/default/grub.d/${dropin##*/}
case $settings in
  write) printf '%s\n' "$dropin_text" >"$new" ;;
  remove) rm -f -- "$new" ;;
esac
# shellcheck disable=SC2016 # for the inner shell
if ! unshare --mount --propagation private sh -c 'mount --bind "$1" "$2" && exec grub-mkconfig' sh "$scratch/default" "$system/etc/default" \
  >"$scratch/menu" 2>"$scratch/said"; then
  printf 'failed %s\n' "$(grep -v '^Found\|^Generating' "$scratch/said" | tail -n 1)"
  echo end
  exit 0
fi
[ -e "$new" ] || new=/dev/null
compare "$dropin" "$new" "$name"
compare "$menu" "$scratch/menu" "${menu#"$system"}"
show_menu "$scratch/menu" | head -c 1000000 | sed 's/^/m|/'
echo
echo end
