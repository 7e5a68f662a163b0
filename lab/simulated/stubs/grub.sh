#!/bin/sh
# Pretend grub-mkconfig, update-grub, grub-editenv and grub-probe of Debian 12's GRUB 2.06; which one is told by the name it is run as. The
# menu has the shape of 00_header, 10_linux and 20_linux_xen, over the settings and kernels below DOMDECK_ROOT; whatever else is in etc/grub.d is run.
set -eu
me=${0##*/}
root=$DOMDECK_ROOT
uuid=f1cb5db4-d9d7-4572-846a-28da517f759a

gettext() { printf '%s' "$1"; }
grub_warn() { printf 'Warning: %s\n' "$*" >&2; }
quoted() { printf '%s' "$1" | sed "s/'/'\\\\''/g"; }

header() {
  default=${GRUB_DEFAULT:-0}
  # shellcheck disable=SC2016 # GRUB's variable
  [ "$default" != saved ] || default='${saved_entry}'
  cat <<END
if [ -s \$prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="$default"
fi
END
}

linux() { # TITLE ID RELEASE ARGS INDENT
  sed "s/^/$5/" <<END
menuentry '$(quoted "$1")' --class debian --class os \$menuentry_id_option '$2-$uuid' {
	search --no-floppy --fs-uuid --set=root $uuid
	echo	'Loading Linux $3 ...'
	linux	/boot/vmlinuz-$3 root=UUID=$uuid ro $4
	echo	'Loading initial ramdisk ...'
	initrd	/boot/initrd.img-$3
}
END
}

xen() { # TITLE ID RELEASE ARGS XEN XEN_ARGS INDENT
  sed "s/^/$7/" <<END
menuentry '$(quoted "$1")' --class debian --class os --class xen \$menuentry_id_option '$2-$uuid' {
	search --no-floppy --fs-uuid --set=root $uuid
	echo	'Loading Xen $5 ...'
        if [ "\$grub_platform" = "pc" -o "\$grub_platform" = "" ]; then
            xen_rm_opts=
        else
            xen_rm_opts="no-real-mode edd=off"
        fi
	multiboot2	/boot/xen-$5.gz placeholder $6 \${xen_rm_opts}
	echo	'Loading Linux $3 ...'
	module2	/boot/vmlinuz-$3 placeholder root=UUID=$uuid ro $4
	echo	'Loading initial ramdisk ...'
	module2	--nounzip   /boot/initrd.img-$3
}
END
}

releases() { # newest first
  for kernel in "$root"/boot/vmlinuz-*; do printf '%s\n' "${kernel##*/vmlinuz-}"; done | sort -rV
}

menu() {
  printf '### BEGIN /etc/grub.d/00_header ###\n'
  header
  os="$GRUB_DISTRIBUTOR GNU/Linux"
  newest=$(releases | head -n 1)
  args="$GRUB_CMDLINE_LINUX ${GRUB_CMDLINE_LINUX_DEFAULT-}"
  printf '### BEGIN /etc/grub.d/10_linux ###\n'
  linux "$os" gnulinux-simple "$newest" "$args" ''
  printf "submenu 'Advanced options for %s' \$menuentry_id_option 'gnulinux-advanced-%s' {\n" "$(quoted "$os")" "$uuid"
  for release in $(releases); do linux "$os, with Linux $release" "gnulinux-$release-advanced" "$release" "$args" '\t'; done
  printf '}\n### BEGIN /etc/grub.d/20_linux_xen ###\n'
  args="${GRUB_CMDLINE_LINUX_XEN_REPLACE:-$GRUB_CMDLINE_LINUX} ${GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT:-${GRUB_CMDLINE_LINUX_DEFAULT-}}"
  xen_args="${GRUB_CMDLINE_XEN-} ${GRUB_CMDLINE_XEN_DEFAULT-}"
  for file in "$root"/boot/xen-*.gz; do
    version=${file##*/xen-} version=${version%.gz}
    xen "$os, with Xen hypervisor" xen-gnulinux-simple "$newest" "$args" "$version" "$xen_args" ''
    printf "submenu 'Advanced options for %s (with Xen hypervisor)' \$menuentry_id_option 'gnulinux-advanced-%s' {\n" "$(quoted "$os")" "$uuid"
    printf "\tsubmenu 'Xen hypervisor, version %s' \$menuentry_id_option 'xen-hypervisor-%s-%s' {\n" "$version" "$version" "$uuid"
    for release in $(releases); do
      xen "$os, with Xen $version and Linux $release" "xen-gnulinux-$release-advanced" "$release" "$args" "$version" "$xen_args" '\t\t'
    done
    printf '\t}\n}\n'
  done
  for script in "$root"/etc/grub.d/*; do
    [ -x "$script" ] || continue
    printf '### BEGIN /etc/grub.d/%s ###\n' "${script##*/}"
    "$script"
  done
}

mkconfig() {
  out=''
  [ "${1-}" != -o ] || out=$2
  # What is mounted there in this namespace (mount.sh).
  defaults=$(POINT=$root/etc/default awk -F '\t' '$1 == ENVIRON["POINT"] && $2 == "view" { source = $3 } END { print source }' "${SIM_MOUNTS:-/dev/null}")
  [ -n "$defaults" ] || defaults=$root/etc/default
  # shellcheck source=/dev/null
  . "$defaults/grub"
  for file in "$defaults"/grub.d/*.cfg; do
    # shellcheck source=/dev/null
    [ ! -e "$file" ] || . "$file"
  done
  if [ -z "$out" ]; then
    menu
    return
  fi
  printf 'Generating grub configuration file ...\n' >&2
  menu >"$out.new"
  cat "$out.new" >"$out"
  rm -f -- "$out.new"
  printf 'done\n' >&2
}

case $me in
  grub-mkconfig) mkconfig "$@" ;;
  update-grub) mkconfig -o "$root/boot/grub/grub.cfg" ;;
  grub-probe)
    # What a test says that /boot lies on.
    case $1 in
      --target=abstraction) [ ! -e "$SIM_HOST/xen/boot-on" ] || cat "$SIM_HOST/xen/boot-on" ;;
      --target=fs) printf 'ext2\n' ;;
    esac
    ;;
  grub-editenv)
    file=$1 act=$2
    shift 2
    case $act in
      list) grep -v '^#' "$file" || : ;;
      set | unset)
        for word; do
          grep -v "^${word%%=*}=" "$file" >"$file.new" || :
          [ "$act" = unset ] || printf '%s\n' "$word" >>"$file.new"
          mv -f -- "$file.new" "$file"
        done
        ;;
    esac
    ;;
esac
