# shellcheck shell=sh disable=SC2034,SC2154 # names shared with the scripts below it
# Words with which an item of a host's health says what it found, and plans what would mend it. A plan is a folder, $plan, and changes nothing:
#   files/PATH    a file as it would be           before/PATH   the same file as it is, where there is one
#   values        a line `KEY NEW OLD` a sysctl   links         a line `TARGET TAB LINK` a link that would go
#   unit          that would be enabled           folder        that would be made
# Once mended, the folder is the record of it: $kept/ID.
export LC_ALL=C
NL='
'
system=${DOMDECK_ROOT:-}
kept=${DOMDECK_STATE:-/var/lib/domdeck}/health

say() { # KEY TEXT
  printf '%s %s\n' "$1" "$(printf '%s' "$2" | tr '\n' ' ')"
}

# Lines of stdin as one, parted by commas.
joined() { paste -s -d , - | sed 's/,/, /g'; }

size_of() { # MB
  if [ "$1" -lt 10240 ]; then printf '%s MB\n' "$1"; else printf '%s GB\n' $(($1 / 1024)); fi
}

# The end of every item. Advice is what is to be done by hand, where nothing is planned or besides it.
found() { # fine|mend|waiting|unknown FACT [ADVICE]
  say state "$1"
  say fact "$2"
  [ -z "${3-}" ] || say advice "$3"
}

plan_file() { # PATH; its text is stdin
  mkdir -p -- "$plan/files${1%/*}"
  cat >"$plan/files$1"
  [ -e "$system$1" ] || return 0
  mkdir -p -- "$plan/before${1%/*}"
  cp -p -- "$system$1" "$plan/before$1"
}

plan_value() { # KEY NEW OLD
  printf '%s\n' "$*" >>"$plan/values"
}

plan_link() { # LINK that would be removed
  printf '%s\t%s\n' "$(readlink -- "$1")" "$1" >>"$plan/links"
}

plan_unit() { printf '%s\n' "$1" >"$plan/unit"; }

plan_folder() { printf '%s\n' "$1" >"$plan/folder"; }

is_mended() { [ -d "$kept/$1" ]; }

# A line a file, in the order of their names.
planned_files() { # PLAN
  [ ! -d "$1/files" ] || (cd "$1/files" && find . -type f | sed 's/^\.//' | sort)
}

# What is planned on what was found, so that a host that is another by now is told from that one.
plan_sum() {
  (cd "$plan" && find . -type f | sort | while IFS= read -r file; do
    printf '%s\n' "$file"
    cat -- "$file"
  done) | cksum
}

# ---- what is asked of a host ----------------------------------------------------------------------------------------

value_path() { # KEY of a sysctl
  printf '%s/proc/sys/%s\n' "$system" "$(printf '%s' "$1" | tr . /)"
}

# What a boot sets a sysctl to: the last line of the last file, in order of name, whatever the folder; a file hides those of its name in
# the folders behind (sysctl.d(5)). Then the words of the kernel that say the same.
boot_value() { # KEY
  for folder in etc run usr/local/lib usr/lib lib; do
    for file in "$system/$folder/sysctl.d"/*.conf; do
      [ ! -f "$file" ] || printf '%s\t%s\n' "${file##*/}" "$file"
    done
  done | sort -s -u -t "$(printf '\t')" -k 1,1 | cut -f 2- | {
    last=''
    while IFS= read -r file; do
      value=$(awk -v key="$1" '
        /^[ \t]*[#;]/ { next }
        (at = index($0, "=")) {
          name = substr($0, 1, at - 1)
          gsub(/[ \t]|^[ \t]*-/, "", name)
          gsub("/", ".", name)
          if (name == key) { value = substr($0, at + 1); gsub(/[ \t]/, "", value) }
        }
        END { print value }' "$file")
      [ -z "$value" ] || last=$value
    done
    if [ -z "$last" ]; then
      read -r words <"$system/proc/cmdline"
      for word in $words; do
        case $1=$word in
          kernel.panic=panic=*) last=${word#panic=} ;;
          kernel.panic_on_oops=oops=panic) last=1 ;;
        esac
      done
    fi
    printf '%s\n' "$last"
  }
}

# The first process of this name, without a fork for each that there is.
pid_of() { # NAME
  for comm in "$system"/proc/[0-9]*/comm; do
    if { read -r name <"$comm"; } 2>/dev/null && [ "$name" = "$1" ]; then
      comm=${comm%/comm}
      printf '%s\n' "${comm##*/}"
      return 0
    fi
  done
  return 1
}

# What a file in /etc/default says last.
setting_of() { # NAME FILE
  sed -n "s/^[ \t]*$1=//p" "$2" 2>/dev/null | tail -n 1 | tr -d "\"'"
}

# What of the storage of this host comes over the network: a line `mount PATH` or `disk NAME` each.
net_storage() {
  awk '$3 ~ /^(nfs4?|cifs|smb3|ceph|glusterfs|fuse\.(glusterfs|sshfs)|ocfs2|gfs2|9p|lustre)$/ { gsub(/\\040/, " ", $2); print "mount " $2 }' "$system/proc/mounts"
  for block in "$system"/sys/block/*; do
    case ${block##*/} in
      rbd* | etherd* | drbd*) say disk "${block##*/}" ;;
      nbd*) [ "$(cat "$block/size" 2>/dev/null)" = 0 ] || say disk "${block##*/}" ;;
      sd*) case $(readlink -f -- "$block") in */session[0-9]*) say disk "${block##*/}" ;; esac ;;
    esac
  done
}
