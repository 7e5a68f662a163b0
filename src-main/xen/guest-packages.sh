# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# The package images in the stack of a guest, as `packages` in its guest.json has them: between its base and its layer, the lowest first.
# Version 0 is none: a package that comes at the next start has it, and `next` of one that goes then.

# Sets packages to a line `NAME VERSION PREVIOUS NEXT` each, with - for a member that is not there.
read_packages() { # ABOUT, the line of a guest.json
  packages='' packages_rest=''
  # Inside a JSON text a quote stands behind a backslash, so no note can pass for this.
  case $1 in *,\"packages\":\[*) packages_rest=${1#*,\"packages\":\[} packages_rest=${packages_rest%%\]*} ;; esac
  while [ -n "$packages_rest" ]; do
    package_about=${packages_rest%%\}*}
    packages_rest=${packages_rest#"$package_about"} packages_rest=${packages_rest#\}} packages_rest=${packages_rest#,}
    packages_name=${package_about#*\"name\":\"}
    packages=$packages${packages_name%%\"*}
    for package_member in version previous next; do
      package_number=-
      case $package_about in *"\"$package_member\":"*) package_number=${package_about#*"\"$package_member\":"} package_number=${package_number%%[!0-9]*} ;; esac
      packages="$packages $package_number"
    done
    packages=$packages$NL
  done
}
