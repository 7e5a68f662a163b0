# shellcheck shell=sh
# The files in a layer, read by debugfs: dom0's kernel never mounts what a guest has written, and no journal is replayed.

# A line each, `KIND SIZE PATH`, the parts parted by tabs, the path from the root of the guest:
#   file link device pipe socket   is there instead of what the base has, if it has anything
#   folder                         an empty one; those with something in them show by that
#   deleted                        a whiteout: the base has it, the guest does not see it
#   replaced                       an opaque folder: nothing that the base has in it is seen
# Names with a line end are left out.
layer_files() { # IMAGE
  LAYER=$1 awk '
    # Asks for many inodes at once; a command line holds some 128 kB.
    function ask(first, last,    i, text, command, line) {
      text = ""
      for (i = first; i <= last; i++) text = text questions[i] "\\n"
      command = "printf \"" text "\" | debugfs -f - \"$LAYER\" 2>/dev/null"
      while ((command | getline line) > 0) answer(line)
      close(command)
    }
    function ask_all(count,    i) {
      for (i = 1; i <= count; i += 500) ask(i, i + 499 < count ? i + 499 : count)
    }
    function answer(line,    part) {
      if (line ~ /^debugfs[^:]*: /) {
        asked = line
        sub(/^[^<]*</, "", asked)
        sub(/>.*/, "", asked)
        return
      }
      if (line ~ /^trusted\.overlay\.opaque /) { opaque[asked] = 1; return }
      if (line ~ /Device major\/minor number: 00:00 /) { whiteout[asked] = 1; return }
      if (split(line, part, "/") < 8 || part[1] != "" || part[2] !~ /^[0-9]+$/ || part[3] !~ /^[0-7]+$/) return
      if (part[6] == ".") {
        if (asked !~ /^[0-9]+$/) { asked = part[2]; path[asked] = ""; found[asked] = 1 }
        return
      }
      if (part[6] == ".." || part[2] == 0) return
      children[asked]++
      entry(part[2], substr(part[3], 1, 2), path[asked] "/" part[6], part[7])
    }
    function entry(inode, type, name, size) {
      if (type == "04") {
        # A folder has one name; what claims another is no folder of this file system.
        if (inode in found) return
        found[inode] = 1
        path[inode] = name
        next_level[++waiting] = inode
      } else {
        inodes[++entries] = inode
        types[entries] = type
        names[entries] = name
        sizes[entries] = size
        if (type == "02") devices[++device_count] = inode
      }
    }
    BEGIN {
      kind["10"] = "file"; kind["12"] = "link"; kind["02"] = "device"; kind["06"] = "device"; kind["01"] = "pipe"; kind["14"] = "socket"
      # Everything that a guest has written is below /upper; a guest that never started has none.
      questions[1] = "ls -p /upper"
      ask_all(1)
      while (waiting > 0) {
        count = 0
        for (i = 1; i <= waiting; i++) {
          folders[++folder_count] = next_level[i]
          questions[++count] = "ls -p <" next_level[i] ">"
          questions[++count] = "ea_get <" next_level[i] "> trusted.overlay.opaque"
        }
        waiting = 0
        ask_all(count)
      }
      for (i = 1; i <= device_count; i++) questions[i] = "stat <" devices[i] ">"
      ask_all(device_count)
      for (i = 1; i <= folder_count; i++) {
        if (folders[i] in opaque) print "replaced\t0\t" path[folders[i]]
        else if (!(folders[i] in children)) print "folder\t0\t" path[folders[i]]
      }
      for (i = 1; i <= entries; i++) {
        if (types[i] == "02" && inodes[i] in whiteout) print "deleted\t0\t" names[i]
        else print kind[types[i]] "\t" sizes[i] + 0 "\t" names[i]
      }
    }'
}
