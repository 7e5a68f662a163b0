#!/bin/sh
# A stand-in for xl: prints what the test put into $STUB_DOM0, and writes down what it was asked.
printf '%s\n' "$*" >>"$STUB_DOM0/calls"
case $1 in
  info)
    [ ! -e "$STUB_DOM0/no-xen" ] || {
      echo "ERROR:  Can't find hypervisor information in sysfs!" >&2
      exit 1
    }
    cat "$STUB_DOM0/info.txt"
    ;;
  list)
    case $2 in
      -v) cat "$STUB_DOM0/list-v.txt" ;;
      -l) cat "$STUB_DOM0/list-l${3:+-$3}.json" ;;
    esac
    ;;
  hang)
    echo "$$" >"$STUB_DOM0/hanging.pid"
    exec sleep 600
    ;;
esac
