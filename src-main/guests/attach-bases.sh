#!/bin/sh
# attach-bases.sh ROOT
# Run at boot, before xendomains (domdeck-bases.service): attaches the bases of the guests that start with this host, read-only, one
# loop device each, where the guests' configs look for them. Written by Domdeck with the first such guest, removed with the last.
root=$1
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
  link=${DOMDECK_RUN:-/run/domdeck}/bases/$base.$generation
  [ ! -e "$link" ] || continue
  mkdir -p -- "${link%/*}"
  device=$(losetup -r -f --show -- "$root/bases/$base/$generation/root.img") && ln -sfn -- "$device" "$link"
done
