# shellcheck shell=sh disable=SC2034 # for the scripts below it
# Where a host keeps what it boots, and how its menu is made. Stands above hold-boot.sh in a job, and above held-boot.sh on the host.
system=${DOMDECK_ROOT:-}
menu=$system/boot/grub/grub.cfg
grubenv=$system/boot/grub/grubenv
# Read after all others in its folder, so what it says counts; no file of a package is touched.
dropin=$system/etc/default/grub.d/zz-domdeck.cfg
held_menu=$system/etc/grub.d/42_domdeck
# Hard links to kernel, initrd and hypervisor from before: an upgrade may replace or remove the files themselves.
kept_files=$system/boot/domdeck-before
unit_folder=$system/etc/systemd/system
held_unit=domdeck-held-boot.service
deadline_unit=domdeck-held-deadline.service
hold=${DOMDECK_STATE:-/var/lib/domdeck}/boot

# What update-grub does but for its last act: grub-mkconfig writes over the menu in place, and cut there the host boots nothing.
make_menu() {
  grub-mkconfig -o "$menu.domdeck" && sync "$menu.domdeck" && mv -f -- "$menu.domdeck" "$menu" && sync "${menu%/*}"
}

# A menu with what GRUB appends to it from custom.cfg (41_custom). 42_domdeck stands behind both.
show_menu() { # FILE
  cat -- "$1"
  custom=${menu%/*}/custom.cfg
  if [ -f "$custom" ]; then cat -- "$custom"; fi
}

# GRUB cannot write to these (check_writable in 00_header of Debian's grub-common 2.06): there, what is booted once is booted for ever.
unwritable_by_grub() { # Prints what the folder of grubenv lies on, or fails
  for unwritable in $(grub-probe --target=abstraction "${menu%/*}" 2>/dev/null) $(grub-probe --target=fs "${menu%/*}" 2>/dev/null); do
    case $unwritable in
      diskfilter | lvm | mdraid* | btrfs | zfs | cpiofs | squash4 | f2fs)
        printf '%s\n' "$unwritable"
        return 0
        ;;
    esac
  done
  return 1
}

# Prints the entry that GRUB means by VALUE (ids, titles or numbers joined by `>`) in the menu on stdin, as one of its own: with another title,
# the id ID, and WORDS on the command line of its kernel. With KEPT its files are read from that folder beside them, without it
# the machine is reset where one cannot be loaded. It saves no default, and its
# hypervisor reboots when it crashes. Fails with 1 when there is none, with 2 when it boots no Linux.
copy_entry() { # VALUE TITLE ID WORDS KEPT
  VALUE=$1 TITLE=$2 ID=$3 WORDS=$4 KEPT=$5 awk '
    function quoted(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
    # Sets title, id and rest of a line that begins a menuentry or a submenu.
    function read_header(line,    at) {
      sub(/^[a-z]+[ \t]+/, "", line)
      if (substr(line, 1, 1) == "\"") {
        at = index(substr(line, 2), "\"") + 1
        title = substr(line, 2, at - 2)
        rest = substr(line, at + 1)
      } else {
        title = ""
        rest = substr(line, 2)
        while ((at = index(rest, "\047")) && substr(rest, at, 4) == "\047\\\047\047") {
          title = title substr(rest, 1, at - 1) "\047"
          rest = substr(rest, at + 4)
        }
        title = title substr(rest, 1, at - 1)
        rest = substr(rest, at + 1)
      }
      id = ""
      if (match(rest, / (\$menuentry_id_option|--id)[ =](\047[^\047]*\047|"[^"]*"|[^ ]*)/)) {
        id = substr(rest, RSTART + 1, RLENGTH - 1)
        rest = substr(rest, 1, RSTART - 1) substr(rest, RSTART + RLENGTH)
        sub(/^[^ =]*[ =]/, "", id)
        gsub(/^[\047"]|[\047"]$/, "", id)
      }
    }
    # GRUB takes what begins with a digit for a number.
    function meant(name) { return name ~ /^[0-9]/ ? seen[depth] == name + 0 : title == name || id == name }
    function kept(line,    at, path) {
      at = match(line, /[ \t]\/[^ \t]*/)
      if (!at) return line
      path = substr(line, at, RLENGTH)
      sub(/[^\/]*$/, ENVIRON["KEPT"] "/&", path)
      return substr(line, 1, at - 1) path substr(line, at + RLENGTH)
    }
    BEGIN {
      value = ENVIRON["VALUE"]
      gsub(/>>/, "\001", value)
      levels = split(value, names, ">")
      for (level in names) gsub(/\001/, ">", names[level])
      level = 1
    }
    done { next }
    { line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t]+$/, "", line) }
    !inside {
      if (line ~ /^(menuentry|submenu)[ \t]+[\047"].*\{$/ && depth == level - 1) {
        read_header(line)
        if (meant(names[level])) {
          if (line ~ /^submenu/) {
            # Without more to go by, GRUB takes the first in it.
            if (level == levels) names[++levels] = "0"
            level++
          } else {
            print "menuentry " quoted(ENVIRON["TITLE"]) " --id " ENVIRON["ID"] rest
            inside = 1
            opened = 1
            next
          }
        }
        seen[depth]++
      }
      if (line ~ /\{$/) { depth++; seen[depth] = 0 }
      else if (line == "}") {
        depth--
        # GRUB looks no further than the first that fits.
        if (depth < level - 1) exit
      }
      next
    }
    line == "savedefault" { next }
    line ~ /\{$/ { opened++ }
    line == "}" { opened-- }
    opened == 0 { print "}"; done = 1; next }
    line ~ /^multiboot2?[ \t]/ { xen = 1; gsub(/[ \t]noreboot(=[^ \t]*)?/, "") }
    line ~ /^(multiboot2?|module2?|linux(16|efi)?|initrd(16|efi)?)[ \t]/ && ENVIRON["KEPT"] != "" { $0 = kept($0) }
    !kernel && (line ~ /^linux(16|efi)?[ \t]/ || (xen && line ~ /^module2?[ \t]/)) { $0 = $0 " " ENVIRON["WORDS"]; kernel = 1 }
    # On trial GRUB would stay at its menu. (Its `fallback` takes numbers only: tried with 2.06.)
    line ~ /^(multiboot2?|module2?|linux(16|efi)?|initrd(16|efi)?)[ \t]/ && ENVIRON["KEPT"] == "" {
      sub(/[^ \t]/, "if &")
      $0 = $0 "; then true; else reboot; fi"
    }
    { print }
    END { exit !done ? 1 : !kernel ? 2 : 0 }'
}
