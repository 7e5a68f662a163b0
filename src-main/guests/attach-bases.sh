#!/bin/sh
# attach-bases.sh ROOT
# Run at boot, before xendomains (domdeck-bases.service): attaches the bases and package images of the guests that start with this host,
# read-only, one loop device each, where the guests' configs look for them. Written by Domdeck with the first such guest, removed with the last.
root=$1

attach() { # IMAGE LINK, below /run/domdeck
  link=${DOMDECK_RUN:-/run/domdeck}/$2
  [ ! -e "$link" ] || return 0
  mkdir -p -- "${link%/*}"
  device=$(losetup -r -f --show -- "$1") && ln -sfn -- "$device" "$link"
}

for config in "${DOMDECK_ETC_XEN:-/etc/xen}"/auto/*; do
  config=$(readlink -f -- "$config") || continue
  about=''
  { read -r about <"${config%/*}/guest.json"; } 2>/dev/null
  case $about in
    *'"volume":"'*)
      volume=${about#*\"volume\":\"}
      lvchange -q -ay -- "${volume%%\"*}"
      ;;
  esac
  # Other modes stand on no attached base.
  case $about in *'"mode":"overlay"'* | *'"mode":"throwaway"'*) ;; *) continue ;; esac
  base=${about#*\"base\":\"} base=${base%%\"*}
  generation=${about#*\"generation\":} generation=${generation%%[!0-9]*}
  attach "$root/bases/$base/$generation/root.img" "bases/$base.$generation"
  # {"name":"tools","version":1},{"name":...
  case $about in *,\"packages\":\[*) ;; *) continue ;; esac
  packages=${about#*,\"packages\":\[} packages=${packages%%\]*}
  while [ -n "$packages" ]; do
    package=${packages%%\}*}
    packages=${packages#"$package"} packages=${packages#\}} packages=${packages#,}
    version=${package#*\"version\":} version=${version%%[!0-9]*}
    package=${package#*\"name\":\"} package=${package%%\"*}
    [ "$version" = 0 ] || attach "$root/packages/$package/$version/package.img" "packages/$package.$version"
  done
done
