# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Moves the running guest $name to the host at $address, which has the same storage. domain.sh and guest-packages.sh stand above this text; $guard_there is
# what that host is asked about its disks.
# xl itself settles a migration that fails: the guest then runs on here. Only when the job is killed nobody has, and then nobody but
# a person may: two copies of a guest on one disk destroy it.

settle() { # UUID NAME
  domids_of "$1" || return 1
  # Gone from here: it is over there.
  [ -n "$domids" ] || return 0
  domain_state "$1"
  case $state in
    [r-][b-]----) return 0 ;;
  esac
  printf '%s\n' "$2 is here, but does not run. Look whether it runs on the other host before you unpause it here: xl unpause $domids." >&2
  return 1
}

# As at boot; it stays there for the next guest.
attach_there() { # IMAGE LINK
  # shellcheck disable=SC2086 # words
  run $over "root@$address" "[ -e '$2' ] || { mkdir -p '${2%/*}' && ln -sfn \"\$(losetup -r -f --show '$1')\" '$2'; }"
}

begin

step "Check $name"
one_domain "$uuid" "$name"
domain_state "$uuid"
case $state in
  ??p*) fail BUSY "$name is paused, and a guest takes part in being moved." "Unpause it first." ;;
  *s* | *c* | *d*) fail BUSY "$name is going down or has crashed." "Start it again first." ;;
esac
over="ssh -o BatchMode=yes -o ConnectTimeout=10 -p $port"
# shellcheck disable=SC2086 # words
try $over "root@$address" true </dev/null ||
  fail AUTH_FAILED "root on this host cannot log in at $address without a question." "Read the end of the log; then try by hand: $over root@$address true."
about=$(stat -c '%i %z' -- "$root/guests/$name/guest.json") || fail NOT_FOUND "$name is not in Domdeck's care." "Adopt it first."
# shellcheck disable=SC2086 # words
capture about_there $over "root@$address" "stat -c '%i %z' -- '$root/guests/$name/guest.json'"
[ "$about" = "$about_there" ] ||
  fail BAD_INPUT "$root/guests/$name is not the same folder on both hosts." "Put the storage root of both on one shared file system."

read -r about <"$root/guests/$name/guest.json" || :
case $about in
  *'"volume":"'*) fail BAD_INPUT "The disk of $name is an LVM volume of this host, which the other one does not have." "Shut it down, and copy its disk to the other host." ;;
  *'"mode":"qcow2"'*) fail BAD_INPUT "$name has a qcow2 disk, which two hosts cannot have open at once without damage to it." "Shut it down, and start it on the other host." ;;
esac

step 'Attach its base there'
case $about in
  *'"base":"'*)
    base=${about#*\"base\":\"} base=${base%%\"*}
    generation=${about#*\"generation\":} generation=${generation%%[!0-9]*}
    attach_there "$root/bases/$base/$generation/root.img" "/run/domdeck/bases/$base.$generation"
    ;;
esac
read_packages "$about"
while read -r package_name package_version _; do
  [ "${package_version:-0}" != 0 ] || continue
  attach_there "$root/packages/$package_name/$package_version/package.img" "/run/domdeck/packages/$package_name.$package_version" </dev/null
done <<END
$packages
END
# shellcheck disable=SC2086 # words
if ! refusal=$(printf '%s\n' "$guard_there" | $over "root@$address" "sh -s -- '$root' '$name'" 2>>"$JOB/log"); then
  [ -n "$refusal" ] || fail COMMAND_FAILED "$address cannot say who uses the disks of $name there." "Read the end of the log."
  fail BUSY "On $address: ${refusal%%"$NL"*}" "${refusal#*"$NL"}"
fi

step 'Move it'
undo settle "$uuid" "$name"
if ! try xl migrate -s "$over" "$domid" "root@$address"; then
  fail COMMAND_FAILED "xl could not move $name; it runs on here." "Read the end of the log, and /var/log/xen/xl-$name.log on both hosts."
fi
