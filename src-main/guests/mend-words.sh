# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the scripts around
# What an old image has to say otherwise to boot as a Xen guest: disks are xvda and not sda, the console is hvc0. Each function turns the text of
# one file (stdin) into what it should be (stdout), line by line; what comes new stands at the end. A text that stays the same needs nothing. They are
# the same for the look and for the mending, so that what is shown is what is done.
# $mend_plain has the disks without a partition table (xvda: then sda1 becomes xvda), $mend_disks all that the guest has, where that is known.

# Linux calls a disk that is configured as sda or hda xvda since 2.6.37, and never had partitions of a disk that has no table.
# shellcheck disable=SC2016 # dollars of awk
mend_names_awk='
  # The name of today for a device word, such as /dev/sda1.
  function today(word,    disk, number) {
    disk = "xvd" substr(word, 8, 1)
    number = substr(word, 9)
    if (number != "" && index(" " ENVIRON["mend_plain"] " ", " " disk " ")) return "/dev/" disk
    return "/dev/" disk number
  }
  # All device words in a text; what is longer, as /dev/sda1x or a path, is none.
  function rename(text,    done, word, before, after) {
    while (match(text, /\/dev\/[sh]d[a-p][0-9]*/)) {
      word = substr(text, RSTART, RLENGTH)
      before = RSTART == 1 ? "" : substr(text, RSTART - 1, 1)
      after = substr(text, RSTART + RLENGTH, 1)
      done = done substr(text, 1, RSTART - 1) (before ~ /[A-Za-z0-9_.\/-]/ || after ~ /[A-Za-z0-9_.\/-]/ ? word : today(word))
      text = substr(text, RSTART + RLENGTH)
    }
    return done text
  }
  # Whether the guest has a disk of that name; where nothing is known of it, it has.
  function has(name) {
    return ENVIRON["mend_disks"] == "" || index(" " ENVIRON["mend_disks"] " ", " " name " ")
  }'

# A line whose disk an unpartitioned image cannot have would stop the boot: it becomes a comment.
mend_fstab() {
  awk "$mend_names_awk"'
    $1 !~ /^\/dev\/[sh]d[a-p][0-9]*$/ { print; next }
    {
      disk = "xvd" substr($1, 8, 1)
      name = disk substr($1, 9)
      if ($2 != "/" && name != disk && index(" " ENVIRON["mend_plain"] " ", " " disk " ")) {
        if (ENVIRON["mend_disks"] == "" || !has(name)) { print "# Domdeck: there is no such disk. " $0; next }
        sub(/\/dev\/[sh]d/, "/dev/xvd")
      } else sub(/\/dev\/[sh]d[a-p][0-9]*/, today($1))
      print
    }'
}

# The lines of GRUB 1 and 2, and of /etc/default/grub, that hold a kernel command line.
# shellcheck disable=SC2016
mend_line_awk='
  function is_line() { return $0 ~ /^[ \t]*(linux|linux16|linuxefi|kernel|module2?)[ \t]+[^ \t]*(vmlinu|bzImage|kernel)/ || $0 ~ /^[ \t]*GRUB_CMDLINE_LINUX(_DEFAULT)?=/ || $0 ~ /^# kopt=/ }'

mend_menu() {
  awk "$mend_names_awk $mend_line_awk"'
    is_line() { print rename($0); next }
    { print }'
}

# The last console= of a line is where /dev/console leads.
mend_console() {
  awk "$mend_line_awk"'
    function with_console(text) {
      gsub(/console=xvc0/, "console=hvc0", text)
      return text ~ /console=hvc0/ ? text : text " console=hvc0"
    }
    /^[ \t]*GRUB_CMDLINE_LINUX=/ {
      defaults = 1
      if ($0 ~ /console=hvc0/) print
      else if ($0 ~ /"[ \t]*$/) { sub(/"[ \t]*$/, ""); print with_console($0) "\"" }
      else if ($0 ~ /\047[ \t]*$/) { sub(/\047[ \t]*$/, ""); print with_console($0) "\047" }
      else { value = $0; sub(/^[^=]*=/, "", value); print "GRUB_CMDLINE_LINUX=\"" with_console(value) "\"" }
      next
    }
    /^[ \t]*GRUB_/ { is_defaults = 1; print; next }
    is_line() && $0 !~ /GRUB_CMDLINE/ { print with_console($0); next }
    { print }
    END { if (is_defaults && !defaults) print "GRUB_CMDLINE_LINUX=\"console=hvc0\"" }'
}

# An id has at most four letters for sysvinit; for the init of busybox it is the terminal.
mend_inittab() {
  awk '
    /^[^#].*:respawn:.*[ \/]xvc0/ { gsub(/xvc0/, "hvc0") }
    /^[^#]*:respawn:.*hvc0/ || /^hvc0:[^:]*:respawn:/ { has = 1 }
    { print }
    END { if (!has) print "hvc0:2345:respawn:" ENVIRON["mend_getty"] " 38400 hvc0" }'
}

# A job of upstart, where there is none.
mend_upstart() {
  awk '/^exec / { has = 1 } { print } END {
    if (has) exit
    print "# hvc0: a login on the console of the Xen guest\nstart on stopped rc RUNLEVEL=[2345]\nstop on runlevel [!2345]\nrespawn"
    print "exec " ENVIRON["mend_getty"] " 38400 hvc0"
  }'
}

# Where there is such a list, root may log in on no other terminal.
mend_securetty() {
  awk '{ print } $1 == "hvc0" { has = 1 } END { if (!has) print "hvc0" }'
}

# What FUNCTION makes of $mend_old; blank lines at the end are nothing, before and after.
mend_text() { # FUNCTION
  if [ -n "$mend_old" ]; then printf '%s\n' "$mend_old"; fi | "$1"
}

# A line `ID PATH FUNCTION` for each file that is mended, in a file system that holds /etc (root) or only what is below /boot (boot).
mend_table() { # root|boot
  if [ "$1" = root ]; then
    printf '%s\n' 'fstab /etc/fstab mend_fstab' 'menu /etc/default/grub mend_menu' 'console /etc/default/grub mend_console'
    case $mend_init in
      sysvinit) echo 'getty /etc/inittab mend_inittab' ;;
      upstart) echo 'getty /etc/init/hvc0.conf mend_upstart' ;;
    esac
    echo 'login /etc/securetty mend_securetty'
  fi
  mend_boot=/boot
  [ "$1" = root ] || mend_boot=''
  for mend_file in grub.cfg menu.lst grub.conf; do
    printf '%s\n' "menu $mend_boot/grub/$mend_file mend_menu" "console $mend_boot/grub/$mend_file mend_console"
  done
}

# The values of an xl config, quotes and all, with the names of today. A target keeps its own: that is a disk of the host.
mend_disk_value() {
  sed -E "s/(,[ ]*|vdev=)[sh]d([a-p][0-9]*)([,:'\" ]|\$)/\\1xvd\\2\\3/g"
}

mend_root_value() {
  awk "$mend_names_awk"'{ print rename($0) }'
}
