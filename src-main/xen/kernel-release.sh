# shellcheck shell=sh
# Which kernel is in a file.

kernel_release() { # FILE: its version, of a bzImage (its header points to the text) or an uncompressed kernel
  if [ "$(dd if="$1" bs=1 skip=514 count=4 2>/dev/null)" = HdrS ]; then
    release_at=$(od -An -tu2 -j526 -N2 -- "$1")
    dd if="$1" bs=1 skip=$((release_at + 512)) count=128 2>/dev/null | tr '\0' '\n' | sed -n '1s/ .*//p'
  else
    grep -a -o -m 1 'Linux version [0-9][A-Za-z0-9.+_~-]*' -- "$1" | sed -n '1s/.* //p'
  fi
}
