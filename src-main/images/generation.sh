# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# How an image becomes a generation: generalised, its initrd built, sealed, published by one rename. For every job that makes one;
# disk-guard.sh, kernel-release.sh, copy-image.sh, initrd.sh, inspect.sh, sealing.sh and generation-folder.sh stand above this text. $prepare, $build_initrd, $extract and the
# $guest_ texts are the files of the same names that Domdeck sends along. $source is what the image was made from.

check() { # VERDICT TITLE FACT [ADVICE]: how inspect.sh speaks
  case $3 in
    # Of what was unpacked, the source is what a person knows. Before there is a $work, nothing was.
    *"${work:-/}/root.img"*) set -- "$1" "$2" "${3%%"$work/root.img"*}$source${3#*"$work/root.img"}" "${4:-}" ;;
  esac
  [ "$1" != fail ] || fail PREFLIGHT_FAILED "$2: $3." "$4"
  printf '%s: %s\n' "$2" "$3"
}

# From the configuration of the kernel where the image has it, else from the notes an ELF kernel carries for Xen (1: entry of a PV
# guest, 0x12: of a PVH one; xen/include/public/elfnote.h). A kernel that tells neither may be tried as both.
kernel_types() { # KERNEL CONFIG
  if [ -s "$2" ]; then
    types_pv=$(grep -c '^CONFIG_XEN_PV=y' "$2") || :
    types_pvh=$(grep -c '^CONFIG_\(XEN_\)\?PVH=y' "$2") || :
  elif readelf -n "$1" 2>/dev/null | grep -q Xen; then
    types_pv=$(readelf -n "$1" 2>/dev/null | grep -c '^ *Xen .*\(NT_VERSION\|(0x00000001)\)') || :
    types_pvh=$(readelf -n "$1" 2>/dev/null | grep -c '^ *Xen .*(0x00000012)') || :
  else
    types_pv=1 types_pvh=1
  fi
  case $((types_pv > 0))$((types_pvh > 0)) in
    11) echo '"pv","pvh"' ;;
    10) echo '"pv"' ;;
    01) echo '"pvh"' ;;
  esac
}

# Measured on Xen 4.17: Debian's kernel with a 7 MB initrd needs 96 MB, one of 16 MB with a 1 MB initrd 32. The packed initrd
# and what it unpacks to are in memory together.
least_memory() { # KERNEL INITRD
  memory_kernel=60
  if [ "$(head -c 4 -- "$1" | tr -d '\177')" = ELF ] && [ "$(stat -c %s -- "$1")" -lt 20971520 ]; then memory_kernel=22; fi
  echo $(((memory_kernel + 5 * ($(stat -c %s -- "$2") / 1048576 + 1) + 7) / 8 * 8))
}

# Command substitution drops line ends at the end, so they are dropped on both sides.
hook_is_current() { # INITRD
  [ "$(initrd_cat "$1" scripts/local-top/domdeck)" = "${guest_local_top%"$NL"}" ] &&
    [ "$(initrd_cat "$1" scripts/local-bottom/domdeck)" = "${guest_local_bottom%"$NL"}" ] &&
    [ "$(initrd_cat "$1" scripts/domdeck-encryption)" = "${guest_encryption%"$NL"}" ]
}

# Whether guests can have encrypted disks: by what the hook has put into the initrd, and the kernel.
can_encrypt() { # LIST CONFIG
  grep -qx 'scripts/domdeck-encryption' "$1" && grep -qx '\(usr/\)\?sbin/cryptsetup' "$1" &&
    { grep -q '/dm-crypt\.ko' "$1" || grep -qs '^CONFIG_DM_CRYPT=y' "$2"; }
}

# Sets kernel and initrd to those that the image was booted with until now, unless it has a kernel of its own.
choose_kernel() { # IMAGE GENERATION_FOLDER
  kernel='' initrd='' image_kernel=''
  if debugfs -R 'ls -p /boot' "$1" 2>/dev/null | grep -q '/vmlinuz-'; then return 0; fi
  kernel=$2/vmlinuz initrd=$2/initrd.img
}

# The image is $work/root.img. $version is that of its own kernel; $kernel and $initrd are set to take others instead. $origin is empty, or
# more of what it was made from, as members of base.json; $draft is the folder that goes with it, if any.
make_generation() {
  chmod 0600 "$work/root.img"
  step 'Prepare the copy'
  mkdir -- "$work/guest"
  printf '%s' "$prepare" >"$work/prepare.sh"
  printf '%s' "$build_initrd" >"$work/build-initrd.sh"
  printf '%s' "$extract" >"$work/extract.sh"
  printf '%s' "$guest_hook" >"$work/guest/hook"
  printf '%s' "$guest_local_top" >"$work/guest/local-top"
  printf '%s' "$guest_local_bottom" >"$work/guest/local-bottom"
  printf '%s' "$guest_encryption" >"$work/guest/encryption"
  printf '%s' "$guest_ssh_keys" >"$work/guest/ssh-keys"
  apart "$work/prepare.sh" "$work"

  step 'Build the initrd'
  apart "$work/extract.sh" "$work" "$version"
  if [ -n "$kernel" ]; then
    run cp -L -- "$kernel" "$work/vmlinuz"
    run cp -L -- "$initrd" "$work/initrd.img"
    hook_is_current "$work/initrd.img" || printf '%s\n' 'The given initrd holds another version of the union-root hook.'
  elif [ -s "$work/initrd.img" ] && hook_is_current "$work/initrd.img"; then
    printf '%s\n' 'The initrd of the image holds the union-root hook already.'
  else
    apart "$work/build-initrd.sh" "$work" "$version"
    apart "$work/extract.sh" "$work" "$version"
  fi

  step 'Check kernel and initrd'
  for file in vmlinuz initrd.img; do
    [ -s "$work/$file" ] || fail JOB_FAILED "The image gave no $file for kernel $version." "Look at /boot in the image."
  done
  initrd_list "$work/initrd.img" >"$work/list" || :
  for file in scripts/local-top/domdeck scripts/local-bottom/domdeck; do
    grep -qx "$file" "$work/list" || fail JOB_FAILED "The initrd does not hold $file." "Read the log of the step before: did mkinitramfs run the hook?"
  done
  if [ -s "$work/config" ]; then
    for module in overlay:OVERLAY_FS xen-blkfront:XEN_BLKDEV_FRONTEND ext4:EXT4_FS; do
      grep -q "/${module%%:*}\.ko" "$work/list" || grep -q "^CONFIG_${module#*:}=y" "$work/config" ||
        fail JOB_FAILED "Neither the initrd nor kernel $version holds ${module%%:*}." "Choose a kernel that has it; the union root cannot do without."
    done
  fi
  # An initrd that was given may hold an older hook.
  ! initrd_cat "$work/initrd.img" scripts/local-bottom/domdeck | grep -q 'domdeck\.lower=' || origin="$origin,\"stacks\":true"
  types=$(kernel_types "$work/vmlinuz" "$work/config")
  [ -n "$types" ] || fail JOB_FAILED "Kernel $version is not made for Xen guests." "Install a kernel with CONFIG_XEN_PV or CONFIG_PVH in the image."
  encryption=''
  if can_encrypt "$work/list" "$work/config"; then encryption=',"encryption":true'; fi
  release=$(kernel_release "$work/vmlinuz") || release=''
  minimum=$(least_memory "$work/vmlinuz" "$work/initrd.img")

  step 'Seal it'
  run e2fsck -fn "$work/root.img"
  capture sum sha256sum "$work/root.img"
  sum=${sum%% *}
  bytes=$(stat -c %s -- "$work/root.img")
  take_number "$root/bases/$name"
  generation=$number
  printf '{"format":1,"base":"%s","generation":%d,"sizeBytes":%d,"sha256":"%s","fileSystem":"ext4","kernelVersion":"%s","types":[%s],"minMemoryMb":%d%s,"source":"%s"%s,"importedAt":%d000,"job":"%s"}\n' \
    "$name" "$generation" "$bytes" "$sum" "${release:-unknown}" "$types" "$minimum" "$encryption" "$(json_text "$source")" "$origin" "$(date +%s)" "$JOB_ID" \
    >"$work/sealed/base.json"
  mv -- "$work/root.img" "$work/vmlinuz" "$work/initrd.img" "$work/sealed/"
  seal

  step "Publish $name"
  publish_generation
}
