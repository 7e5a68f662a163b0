# shellcheck shell=sh disable=SC2034 # for the script of the operation
# Words of a preflight: a script that looks at a host before an operation and writes nothing. It answers a line a finding,
# fields parted by tabs: `check VERDICT TITLE FACT ADVICE`, `number KEY VALUE` and `text KEY WORDS`.
set -u
export LC_ALL=C
NL='
'
RUN=${DOMDECK_RUN:-/run/domdeck}
ETC_XEN=${DOMDECK_ETC_XEN:-/etc/xen}

check() { # pass|warn|fail TITLE FACT [ADVICE]
  printf 'check\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}"
}

text() { # KEY WORDS; a key may come many times
  printf 'text\t%s\t%s\n' "$1" "$2"
}

number() { # KEY VALUE
  printf 'number\t%s\t%s\n' "$1" "$2"
}
