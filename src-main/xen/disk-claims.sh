# shellcheck shell=sh disable=SC2034 # names shared with disk-guard.sh, below this text
# Who claims which disk, and who clashes with whom: the three awk programs of disk-guard.sh.

# Prints `KIND OWNER VDEV ACCESS FORMAT DEVICE TARGET`, parted by tabs, of every disk of configs (S for those asked about, C for
# others; OWNER is then `NAME\034PATH`), of running domains (D, domid) and of what xendomains saved (X). Configs are operands; stdin is
# `xenstore-ls -f`, then the heads of the saved domains.
# shellcheck disable=SC2016 # dollars of awk
guard_claims_awk='
  function say(kind, owner) {
    if (target == "" || format == "empty") return
    if (target !~ /^\//) target = "/dev/" target
    print kind, owner, vdev, access, format, device, target
  }
  # As xen 4.17 tools/libs/util/libxlu_disk_l.l: target, format, vdev, access by place or by key; `target=` takes the rest.
  function read_disk(spec,    word, key, cdrom, have_target, have_format) {
    target = vdev = device = ""
    format = access = ""
    sub(/^[ \t]+/, "", spec)
    while (match(spec, /^(raw|qcow2?|vhd|tapdisk|tap2?|aio|ioemu|file|phy|iscsi|e?nbd|drbd):/)) {
      format = spec ~ /^(qcow|vhd)/ ? substr(spec, 1, RLENGTH - 1) : "raw"
      have_format = 1
      spec = substr(spec, RLENGTH + 1)
    }
    while (spec != "") {
      sub(/^[ \t]+/, "", spec)
      if (spec ~ /^target=/) { target = substr(spec, 8); break }
      if (match(spec, /,/)) { word = substr(spec, 1, RSTART - 1); spec = substr(spec, RSTART + 1) }
      else { word = spec; spec = "" }
      sub(/[ \t]+$/, "", word)
      key = ""
      if (match(word, /^[a-z][-a-z0-9]*=/)) { key = substr(word, 1, RLENGTH - 1); word = substr(word, RLENGTH + 1) }
      if (key == "format") { format = word; have_format = 1 }
      else if (key == "vdev") vdev = word
      else if (key == "access") access = word
      else if (word == "cdrom" && (key == "" || key == "devtype")) cdrom = 1
      else if (key != "" || word ~ /^(direct-io-safe|discard|no-discard|trusted|untrusted|colo|no-colo)$/) continue
      else if (!have_target) { target = word; have_target = 1 }
      else if (!have_format) { format = word; have_format = 1 }
      else if (vdev == "") vdev = word
      else if (access == "") access = word
    }
    if (sub(/:cdrom$/, "", vdev)) cdrom = 1
    sub(/:disk$/, "", vdev)
    access = cdrom || access == "r" || access == "ro" ? "r" : "w"
    if (format == "") format = "raw"
  }
  # Line by line, as people write configs; what stands in a comment or in another key is no disk.
  function read_config(kind, file,    line, name, n, i, inside, depth, c, end, spec) {
    while ((getline line < file) > 0) {
      if (!inside) {
        if (match(line, /^[ \t]*name[ \t]*=[ \t]*["\047][^"\047]*/)) {
          name = substr(line, 1, RLENGTH)
          sub(/^[^"\047]*["\047]/, "", name)
        }
        if (!match(line, /^[ \t]*disk[ \t]*[+]?=/) && !match(line, /^[^#]*;[ \t]*disk[ \t]*[+]?=/)) continue
        if (substr(line, RSTART + RLENGTH - 2, 1) != "+") n = 0
        line = substr(line, RSTART + RLENGTH)
        inside = 1
        depth = 0
      }
      while (line != "") {
        c = substr(line, 1, 1)
        if (c == "\"" || c == "\047") {
          line = substr(line, 2)
          end = index(line, c)
          if (!end) break
          spec[++n] = substr(line, 1, end - 1)
          line = substr(line, end + 1)
          continue
        }
        if (c == "#") break
        if (c == "[") depth++
        if (c == "]" || (c == ";" && !depth)) { inside = 0; break }
        line = match(line, /^[^][;#"\047]+/) ? substr(line, RLENGTH + 1) : substr(line, 2)
      }
      if (!depth) inside = 0
    }
    close(file)
    for (i = 1; i <= n; i++) {
      read_disk(spec[i])
      say(kind, name "\034" file)
    }
  }
  BEGIN {
    OFS = "\t"
    kind = "S"
    for (i = 1; i < ARGC; i++) {
      if (ARGV[i] == "others") kind = "C"
      else if (ARGV[i] ~ /^[rw]:/) {
        vdev = device = ""
        access = substr(ARGV[i], 1, 1)
        format = "unknown"
        target = substr(ARGV[i], 3)
        say("S", "\034")
      } else read_config(kind, ARGV[i])
    }
    ARGC = 1
  }
  # /local/domain/0/backend/vbd/DOMID/DEVICE/KEY = "VALUE"
  /^\/local\/domain\/0\/backend\/(vbd|qdisk)\/[0-9]+\/[0-9]+\// {
    split($0, part, "/")
    at = part[6] " " part[7] " " part[8]
    value = $0
    sub(/^[^=]* = "/, "", value)
    sub(/"$/, "", value)
    key = part[9]
    sub(/ = .*/, "", key)
    backends[at]
    backend[at, key] = value
    next
  }
  # A saved domain: its name, then its config as JSON.
  /^guard_saved\t/ { saved = substr($0, 13); next }
  match($0, /"(pdev_path|format)": *"[^"]*/) {
    value = substr($0, RSTART, RLENGTH)
    key = value ~ /^"p/ ? "target" : "format"
    sub(/^[^:]*: *"/, "", value)
    if (key == "format") saved_format[saves] = value
    else { saved_target[++saves] = value; saved_by[saves] = saved; saved_format[saves] = "raw" }
  }
  /"readwrite": *1/ { saved_access[saves] = "w" }
  END {
    for (at in backends) {
      split(at, part, " ")
      target = backend[at, "params"]
      format = "raw"
      if (part[1] == "qdisk" && match(target, /^[a-z0-9]+:/)) {
        if (target !~ /^aio:/) format = substr(target, 1, RLENGTH - 1)
        target = substr(target, RLENGTH + 1)
      }
      vdev = backend[at, "dev"]
      access = backend[at, "mode"] == "r" ? "r" : "w"
      device = backend[at, "physical-device"]
      say("D", part[2])
    }
    device = vdev = ""
    for (i = 1; i <= saves; i++) {
      target = saved_target[i]
      format = saved_format[i]
      access = saved_access[i] == "w" ? "w" : "r"
      say("X", saved_by[i])
    }
  }'

# Prints `Q OVERLAY BACKING` for each qcow2 image that has a backing file (qemu docs/interop/qcow2.txt). Rows of 4096 bytes in hex, as many as
# there are operands.
# shellcheck disable=SC2016
guard_backing_awk='
  function byte(at) { return 16 * (index("0123456789abcdef", substr($0, 3 * at + 2, 1)) - 1) + index("0123456789abcdef", substr($0, 3 * at + 3, 1)) - 1 }
  function number(at,    i, n) { for (i = 0; i < 4; i++) n = n * 256 + byte(at + i); return n }
  BEGIN { for (i = 32; i < 256; i++) char[i] = sprintf("%c", i); count = ARGC; for (i = 1; i < count; i++) file[i] = ARGV[i]; ARGC = 1 }
  substr($0, 1, 12) == " 51 46 49 fb" && number(8) == 0 && number(12) > 0 {
    at = number(12)
    name = ""
    for (i = 0; i < number(16) && at + i < 4096; i++) name = name char[byte(at + i)]
    if (match(name, /"filename": *"[^"]*/)) {
      name = substr(name, RSTART, RLENGTH)
      sub(/^"filename": *"/, "", name)
    }
    sub(/^file:(\/\/)?/, "", name)
    folder = file[NR]
    sub(/[^\/]*$/, "", folder)
    if (name !~ /^\//) name = folder name
    print "Q\t" file[NR] "\t" name
  }'

# Prints the worst clash of a disk asked about with another user, or nothing: `KIND OWNER HOLDING NAME VDEV PATH`, parted by tabs. KIND is
# one of the above, M for a mount, L for a loop device, B for a base or a package image.
# shellcheck disable=SC2016
guard_clash_awk='
  function device_name(number,    minor) { # a dev_t as decimal MAJOR:MINOR
    minor = number % 256 + int(number / 1048576) * 256
    return int(number / 256) % 4096 ":" minor
  }
  function hex(text,    i, n) {
    for (i = 1; i <= length(text); i++) n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return n + 0
  }
  # A claim on a thing and on all that lies below it. Access is r, w, or b for what a qcow2 image stands on: it is read, and once it is
  # changed the image is broken. A part of a thing beside another part harms nobody.
  function add(e, key, access, part,    i, n, list) {
    if (key == "" || ((e, key, access, part) in known)) return
    known[e, key, access, part]
    claims[key] = claims[key] " " e ":" access ":" part
    if (key in loop_file) {
      used[key]
      add(e, loop_file[key], loop_reads[key] ? "r" : access, part)
    }
    n = split(below[key], list, " ")
    for (i = 1; i <= n; i++) add(e, "b" list[i], access, 1)
  }
  function add_chain(e, path,    depth) {
    for (depth = 0; (path in backing) && depth < 64; depth++) {
      path = backing[path]
      add(e, key_of[path], "b", 0)
    }
  }
  function entry(which, whose, at, path) {
    kind[++entries] = which
    owner[entries] = whose
    vdev[entries] = at
    holds[entries] = path
    return entries
  }
  function name_of(e,    name) {
    name = owner[e]
    sub(/\034.*/, "", name)
    return name
  }
  # Who runs is named rather than who is off.
  function clash(e, which, whose, path) {
    if (worst && worst <= index("BSDXMCL", which)) return
    worst = index("BSDXMCL", which)
    found = which "\t" whose "\t" path "\t" name_of(e) "\t" vdev[e] "\t" holds[e]
  }
  # A guest of ours with this config is saved.
  function is_saved(config,    line) {
    return sub(/\/guest\.cfg$/, "/saved", config) && (getline line < config) >= 0
  }
  # Two claims on one thing, the first of a disk asked about.
  function meet(e, access, part, o, other_access, other_part,    config) {
    if ((access != "w" && other_access != "w") || (part && other_part)) return
    if (kind[o] == "S" && (owner[o] != owner[e] || o == e)) return
    if (kind[o] == "D" && index(own, " " owner[o] " ")) return
    # xl does not run two domains of one name: another config with it is the same guest.
    if (kind[o] ~ /[CX]/ && name_of(o) == name_of(e) && name_of(e) != "") return
    if (kind[o] == "C") {
      config = owner[o]
      sub(/^[^\034]*\034/, "", config)
      if (is_saved(config)) return clash(e, "X", name_of(o), holds[o])
      # What is off writes to nothing, and may read what is another by then, unless it stands on it.
      if (off || access != "w" || other_access == "r") return
    }
    clash(e, kind[o], owner[o], holds[o])
  }
  BEGIN { OFS = FS = "\t" }
  $1 == "T" {
    path = $5
    if ($2 ~ /^6...$/) { split($4, part, ":"); key_of[path] = "b" hex(part[1]) ":" hex(part[2]) }
    else if ($2 ~ /^8...$/) { split($3, part, ":"); key_of[path] = "f" device_name(part[1]) ":" part[2] }
    if (index(path, root "bases/") == 1 && path ~ /\/root\.img$/ || index(path, root "packages/") == 1 && path ~ /\/package\.img$/) shared_as[key_of[path]] = path
    next
  }
  $1 == "Q" { backing[$2] = $3; next }
  $1 == "H" { below["b" $2] = below["b" $2] " " $3; next }
  $1 ~ /^[SCDX]$/ { row[++rows] = $0; next }
  # NAME MAJ:MIN BACK-MAJ:MIN BACK-INO RO
  /^[^ ]*\/dev\/loop[0-9]+ / {
    split($0, part, / +/)
    key = "b" part[2]
    loop_name[key] = part[1]
    loop_file[key] = "f" part[3] ":" part[4]
    loop_reads[key] = part[5]
  }
  END {
    for (r = 1; r <= rows; r++) {
      split(row[r], part, FS)
      e = entry(part[1], part[2], part[3], part[7])
      key = key_of[part[7]]
      if (part[6] != "") { split(part[6], number, ":"); key = "b" hex(number[1]) ":" hex(number[2]) }
      add(e, key, part[4], 0)
      if (part[5] != "raw") add_chain(e, part[7])
    }
    # ID PARENT MAJOR:MINOR ROOT MOUNT_POINT OPTIONS (proc(5))
    while ((getline line < "/proc/self/mountinfo") > 0) {
      split(line, part, " ")
      if (part[3] ~ /^0:/ || part[3] in mounted) continue
      mounted[part[3]]
      add(entry("M", part[5], "", part[5]), "b" part[3], part[6] ~ /(^|,)ro(,|$)/ ? "r" : "w", 0)
    }
    for (key in loop_file)
      if (!(key in used) && !loop_reads[key]) add(entry("L", loop_name[key], "", loop_name[key]), loop_file[key], "w", 0)
    for (key in claims) {
      n = split(claims[key], all, " ")
      for (i = 1; i <= n; i++) {
        split(all[i], mine, ":")
        if (kind[mine[1]] != "S") continue
        if (mine[2] == "w" && (key in shared_as)) clash(mine[1], "B", "", shared_as[key])
        for (j = 1; j <= n; j++) {
          split(all[j], other, ":")
          meet(mine[1], mine[2], mine[3], other[1], other[2], other[3])
        }
      }
    }
    if (worst) print found
  }'
