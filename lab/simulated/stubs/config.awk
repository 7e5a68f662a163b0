# Reads plain xl configs as xl 4.17 does (keys, strings, numbers, lists, comments) and prints them in one of several forms.
#
#   mode=list     input: the domain table; prints `xl list -l`          (cfgs: folder with a config a domid)
#   mode=dry      input: none; prints `xl create -n` of the config `file`
#   mode=plain    input: none; prints key<TAB>value lines for the xl stub
#   mode=devices  input: the domain table; prints device lines for xenstore, block-list and network-list, and a line
#                 `most DOMID KB VCPUS` of what each can have at most
#
# A config that does not parse ends it with status 2 and xl's own words on stderr.

BEGIN {
  FS = "\t"
  if (mode == "dry" || mode == "plain") {
    read_config(file)
    if (mode == "dry") print_config("", 0)
    else print_plain()
    exit 0
  }
  if (mode == "list") printf "["
}

mode == "list" {
  if (only != "" && $1 != only) next
  printf "%s\n    {\n        \"domid\": %d,\n        \"config\": ", (printed++ ? "," : ""), $1
  if ($1 == 0) print_dom0()
  else {
    read_config(cfgs "/" $1)
    value["name"] = $2
    value["uuid"] = $3
    value["maxmem"] = most_memory()
    value["maxvcpus"] = most_vcpus()
    value["memory"] = $4 / 1024
    value["vcpus"] = $5
    print_config("        ", 1)
  }
  printf "\n    }"
}

mode == "devices" && $1 != 0 {
  if (only != "" && $1 != only) next
  read_config(cfgs "/" $1)
  printf "most\t%d\t%d\t%d\n", $1, most_memory() * 1024, most_vcpus()
  for (i = 1; i <= count["disk"]; i++) {
    read_disk(item["disk", i])
    printf "vbd\t%d\t%d\t%s\t%s\t%s\n", $1, device_number(vdev), vdev, (writable ? "w" : "r"), target
  }
  for (i = 1; i <= count["vif"]; i++) {
    read_nic(item["vif", i])
    printf "vif\t%d\t%d\t%s\t%s\t-\n", $1, i - 1, mac, bridge
  }
}

END { if (!failed && mode == "list") printf "%s]\n", (printed ? "\n" : "") }

function syntax_error(near, expecting) {
  printf "%s:%d: config parsing error near %s: syntax error, unexpected %s\n", shown, line, near, expecting | "cat >&2"
  print "Failed to parse config: Invalid argument" | "cat >&2"
  close("cat >&2")
  failed = 1
  exit 2
}

function skip_space(lines) {
  while (match(text, /^[ \t\r]+/) || match(text, /^#[^\n]*/) || (lines && match(text, /^\n/))) {
    if (substr(text, 1, 1) == "\n") line++
    text = substr(text, RLENGTH + 1)
  }
}

# Takes one string or number off the front of text into `taken`.
function take_value(   quote, end) {
  quote = substr(text, 1, 1)
  if (quote == "\"" || quote == "'") {
    end = index(substr(text, 2), quote)
    if (end == 0) syntax_error("`" text "'", "end of file")
    taken = substr(text, 2, end - 1)
    text = substr(text, end + 2)
    return
  }
  if (match(text, /^-?[0-9][0-9a-fA-Fx]*/)) {
    taken = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    return
  }
  if (text == "" || substr(text, 1, 1) == "\n") syntax_error("<newline>", "NEWLINE, expecting STRING or NUMBER or '['")
  match(text, /^[^ \t\n]+/)
  syntax_error("`" substr(text, 1, RLENGTH) "'", "IDENT, expecting STRING or NUMBER or '['")
}

function read_config(path,   key, row, append) {
  delete value
  delete item
  delete count
  text = ""
  shown = (as == "" ? path : as)
  line = 1
  while ((getline row < path) > 0) text = text row "\n"
  close(path)
  for (skip_space(1); text != ""; skip_space(1)) {
    if (substr(text, 1, 1) == ";") {
      text = substr(text, 2)
      continue
    }
    if (!match(text, /^[A-Za-z_][A-Za-z0-9_.-]*/)) {
      match(text, /^[^ \t\n]+/)
      syntax_error("`" substr(text, 1, RLENGTH) "'", "IDENT")
    }
    key = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    skip_space(0)
    append = substr(text, 1, 2) == "+="
    if (!append && substr(text, 1, 1) != "=") syntax_error("`" key "'", "IDENT, expecting '='")
    text = substr(text, append ? 3 : 2)
    skip_space(0)
    if (substr(text, 1, 1) == "[") {
      text = substr(text, 2)
      if (!append) count[key] = 0
      for (skip_space(1); substr(text, 1, 1) != "]"; skip_space(1)) {
        if (substr(text, 1, 1) == ",") {
          text = substr(text, 2)
          continue
        }
        take_value()
        item[key, ++count[key]] = taken
      }
      text = substr(text, 2)
    } else {
      take_value()
      value[key] = append ? value[key] taken : taken
    }
  }
}

# A disk specification: target,format,vdev,access by place or by key; `target=` swallows the rest of the line.
function read_disk(spec,   parts, n, i, place, part) {
  target = ""; vdev = ""; format = "raw"; writable = 1
  if (match(spec, /(^|,)[ \t]*target=/)) {
    target = substr(spec, RSTART + RLENGTH)
    spec = substr(spec, 1, RSTART - 1)
  }
  n = split(spec, parts, ",")
  place = 0
  for (i = 1; i <= n; i++) {
    part = parts[i]
    gsub(/^[ \t]+|[ \t]+$/, "", part)
    if (part ~ /^vdev=/) vdev = substr(part, 6)
    else if (part ~ /^format=/) format = substr(part, 8)
    else if (part ~ /^access=/) writable = substr(part, 8) ~ /w/
    else if (part ~ /^[a-z-]+=/ || part == "") { if (part == "") place++ }
    else {
      place++
      if (place == 1) { sub(/^(phy|file|raw|tap:aio):/, "", part); target = part }
      else if (part ~ /^(raw|qcow2|qcow|vhd)$/) format = part
      else if (part ~ /^(xvd|sd|hd)[a-z]+[0-9]*$/) vdev = part
      else if (part ~ /^(r|ro|w|rw)$/) writable = part ~ /w/
    }
  }
}

function read_nic(spec,   parts, n, i, part) {
  mac = ""; bridge = "xenbr0"
  n = split(spec, parts, ",")
  for (i = 1; i <= n; i++) {
    part = parts[i]
    gsub(/^[ \t]+|[ \t]+$/, "", part)
    if (part ~ /^mac=/) mac = substr(part, 5)
    if (part ~ /^bridge=/) bridge = substr(part, 8)
  }
}

# xvda is 51712 and each further letter 16 more.
function device_number(name) {
  return 51712 + 16 * (index("abcdefghijklmnop", substr(name, 4, 1)) - 1) + substr(name, 5)
}

function json(s) {
  gsub(/\\/, "\\\\", s)
  gsub(/"/, "\\\"", s)
  return "\"" s "\""
}

# libxl's own spelling.
function action(word) {
  gsub(/-/, "_", word)
  return word
}

function guest_type() {
  if (value["type"] != "") return value["type"]
  return value["builder"] == "hvm" ? "hvm" : "pv"
}

function command_line() {
  if (value["cmdline"] != "") return value["cmdline"]
  return (value["root"] == "" ? "" : "root=" value["root"] " ") value["extra"]
}

# What a guest can have while it runs: its own amount unless the config says more.
function most_memory() {
  return value["maxmem"] != "" ? value["maxmem"] + 0 : value["memory"] == "" ? 32 : value["memory"] + 0
}

function most_vcpus() {
  return value["maxvcpus"] != "" ? value["maxvcpus"] + 0 : value["vcpus"] == "" ? 1 : value["vcpus"] + 0
}

# full: as `xl list -l` shows a running domain; else as `xl create -n` shows a config.
function print_config(pad, full,   i, memory, vcpus, p, q) {
  p = pad "    "; q = p "    "
  memory = (value["memory"] == "" ? 32 : value["memory"]) * 1024
  vcpus = value["vcpus"] == "" ? 1 : value["vcpus"] + 0
  printf "{\n%s\"c_info\": {\n%s\"type\": %s,\n%s\"name\": %s,\n", p, q, json(guest_type()), q, json(value["name"])
  if (full) printf "%s\"domid\": 4294967295,\n", q
  printf "%s\"uuid\": %s,\n%s\"run_hotplug_scripts\": \"True\"\n%s},\n", q, json(value["uuid"]), q, p
  printf "%s\"b_info\": {\n%s\"max_vcpus\": %d,\n%s\"avail_vcpus\": [\n", p, q, most_vcpus(), q
  for (i = 0; i < vcpus; i++) printf "%s    %d%s\n", q, i, (i < vcpus - 1 ? "," : "")
  printf "%s],\n%s\"max_memkb\": %d,\n%s\"target_memkb\": %d,\n", q, q, most_memory() * 1024, q, memory
  if (full) printf "%s\"video_memkb\": 0,\n%s\"sched_params\": {\n%s    \"sched\": \"credit2\",\n%s    \"weight\": 256,\n%s    \"cap\": 0\n%s},\n", q, q, q, q, q, q
  else printf "%s\"sched_params\": {\n\n%s},\n", q, q
  printf "%s\"claim_mode\": \"True\",\n", q
  if (value["kernel"] != "") printf "%s\"kernel\": %s,\n%s\"cmdline\": %s,\n", q, json(value["kernel"]), q, json(command_line())
  if (value["ramdisk"] != "") printf "%s\"ramdisk\": %s,\n", q, json(value["ramdisk"])
  if (value["bootloader"] != "") printf "%s\"bootloader\": %s,\n", q, json(value["bootloader"])
  printf "%s\"type.%s\": {\n\n%s},\n%s\"arch_arm\": {\n\n%s},\n%s\"arch_x86\": {\n", q, guest_type(), q, q, q, q
  if (full) printf "%s    \"msr_relaxed\": \"False\"\n%s}\n%s}", q, q, p
  else printf "\n%s}\n%s}", q, p
  if (count["disk"]) {
    printf ",\n%s\"disks\": [", p
    for (i = 1; i <= count["disk"]; i++) {
      read_disk(item["disk", i])
      printf "%s\n%s{\n%s    \"pdev_path\": %s,\n%s    \"vdev\": %s,\n%s    \"format\": %s", (i > 1 ? "," : ""), q, q, json(target), q, json(vdev), q, json(format)
      if (writable) printf ",\n%s    \"readwrite\": 1", q
      if (full) printf ",\n%s    \"colo_restore_enable\": \"False\"", q
      printf "\n%s}", q
    }
    printf "\n%s]", p
  }
  if (count["vif"]) {
    printf ",\n%s\"nics\": [", p
    for (i = 1; i <= count["vif"]; i++) {
      read_nic(item["vif", i])
      printf "%s\n%s{\n%s    \"devid\": %d,\n%s    \"mac\": %s,\n%s    \"bridge\": %s", (i > 1 ? "," : ""), q, q, i - 1, q, json(mac), q, json(bridge)
      if (full) printf ",\n%s    \"nictype\": \"vif\"", q
      printf "\n%s}", q
    }
    printf "\n%s]", p
  }
  printf ",\n%s\"on_reboot\": %s", p, json(value["on_reboot"] == "" ? "restart" : value["on_reboot"])
  if (value["on_poweroff"] != "" && value["on_poweroff"] != "destroy") printf ",\n%s\"on_poweroff\": %s", p, json(action(value["on_poweroff"]))
  if (value["on_crash"] != "" && value["on_crash"] != "destroy") printf ",\n%s\"on_crash\": %s", p, json(action(value["on_crash"]))
  printf ",\n%s\"on_soft_reset\": \"soft_reset\"\n%s}", p, pad
  if (!full) printf "\n"
}

function print_dom0(   p, q) {
  p = "            "; q = p "    "
  printf "{\n%s\"c_info\": {\n%s\"type\": \"pv\",\n%s\"name\": \"Domain-0\"\n%s},\n", p, q, q, p
  printf "%s\"b_info\": {\n%s\"max_memkb\": %d,\n%s\"target_memkb\": %d,\n", p, q, $4, q, $4 - 1
  printf "%s\"sched_params\": {\n%s    \"sched\": \"credit2\",\n%s    \"weight\": 256,\n%s    \"cap\": 0\n%s},\n", q, q, q, q, q
  printf "%s\"type.pv\": {\n\n%s},\n%s\"arch_arm\": {\n\n%s},\n%s\"arch_x86\": {\n\n%s}\n%s}\n        }", q, q, q, q, q, q, p
}

function print_plain(   i) {
  printf "name\t%s\nuuid\t%s\ntype\t%s\n", value["name"], value["uuid"], guest_type()
  printf "memory\t%s\nvcpus\t%s\n", (value["memory"] == "" ? 32 : value["memory"]), (value["vcpus"] == "" ? 1 : value["vcpus"])
  printf "kernel\t%s\nramdisk\t%s\n", value["kernel"], value["ramdisk"]
  for (i = 1; i <= count["disk"]; i++) {
    read_disk(item["disk", i])
    printf "disk\t%s\t%s\t%s\n", vdev, (writable ? "rw" : "ro"), target
  }
  for (i = 1; i <= count["vif"]; i++) {
    read_nic(item["vif", i])
    printf "vif\t%s\t%s\n", mac, bridge
  }
}
