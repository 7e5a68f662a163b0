#!/bin/sh
# Pretend xenstore-read, -list, -ls, -exists, -write, -rm and -watch; which one is told by the name it is run as.
# What is written goes to SIM_HOST/xen/store and wins over what libxl would have written.
set -u
xen=$SIM_HOST/xen
me=${0##*/}
[ ! -e "$xen/no-xen" ] || { printf '%s: Cannot connect to xenstored\n' "$me" >&2 && exit 1; }

everything() {
  cat -- "$xen/store"
  awk -v mode=devices -v cfgs="$xen/cfg" -f "$SIM_LIB/config.awk" "$xen/domains" |
    awk -v loops="$xen/loops" -f "$SIM_LIB/xenstore.awk" - "$xen/domains"
}

case $me in
  xenstore-watch)
    # As the real one: a line at once for each path, then a line an event, until its reader or its parent is gone.
    left=-1
    while [ $# -gt 0 ]; do
      case $1 in
        -n) left=$2 && shift ;;
        -*) ;;
        *) break ;;
      esac
      shift
    done
    # Where the watch begins, before anybody is told that it has begun.
    next=$(($(wc -c <"$xen/events") + 1))
    printf '%s\n' "$@"
    [ "$left" -gt 0 ] || exec tail -c "+$next" --pid="$PPID" -f -- "$xen/events" 2>/dev/null
    [ "$left" -le $# ] || tail -c "+$next" --pid="$PPID" -f -- "$xen/events" 2>/dev/null | head -n "$((left - $#))"
    ;;
  xenstore-read | xenstore-exists)
    for path; do
      case $path in -*) continue ;; esac
      everything | WANTED=$path awk '
        index($0, ENVIRON["WANTED"] " = ") == 1 {
          text = substr($0, length(ENVIRON["WANTED"]) + 5)
          print substr(text, 1, length(text) - 1)
          found = 1
          exit
        }
        index($0, ENVIRON["WANTED"] "/") == 1 { node = 1 }
        END { if (node && !found) print ""; exit !(found || node) }' >"$xen/read.$$" || {
        rm -f -- "$xen/read.$$"
        [ "$me" = xenstore-exists ] || printf "xenstore-read: couldn't read path %s\n" "$path" >&2
        exit 1
      }
      [ "$me" = xenstore-exists ] || cat -- "$xen/read.$$"
      rm -f -- "$xen/read.$$"
    done
    ;;
  xenstore-list)
    for path; do
      case $path in -*) continue ;; esac
      everything | WANTED=${path%/}/ awk '
        index($0, ENVIRON["WANTED"]) == 1 {
          name = substr($0, length(ENVIRON["WANTED"]) + 1)
          sub(/[ \/].*/, "", name)
          if (!seen[name]++) print name
        }
        END { for (name in seen) exit 0; exit 1 }' || {
        printf "xenstore-list: could not list path %s\n" "$path" >&2
        exit 1
      }
    done
    ;;
  xenstore-ls)
    # As the real one, it stops at the first path that is not there.
    [ "${1:-}" != -f ] || shift
    [ $# -gt 0 ] || set -- /
    for path; do
      path=${path%/}
      everything | WANTED=$path awk '
        index($0, ENVIRON["WANTED"] "/") == 1 || index($0, ENVIRON["WANTED"] " = ") == 1 { print | "sort"; found = 1 }
        END { close("sort"); exit !found }' || {
        printf 'xenstore-ls: xs_directory (%s): No such file or directory\n' "$path" >&2
        exit 1
      }
    done
    ;;
  xenstore-write | xenstore-rm)
    exec 9>"$xen/lock"
    flock 9
    while [ $# -gt 0 ]; do
      WANTED=$1 awk 'index($0, ENVIRON["WANTED"] " = ") != 1 && index($0, ENVIRON["WANTED"] "/") != 1' "$xen/store" >"$xen/store.new"
      if [ "$me" = xenstore-write ]; then
        printf '%s = "%s"\n' "$1" "${2-}" >>"$xen/store.new"
        shift
      fi
      mv -f -- "$xen/store.new" "$xen/store"
      shift
    done
    ;;
esac
