# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Removes what $chosen names, a line `KIND NAME` each, as far as it is left over still: others may have begun to use it since somebody
# looked. leftovers.sh stands above this text. Nothing can be undone: what a cut leaves is left over as before.

# Sets found to the leftovers there are now, in the order in which they can go.
leftover() { # KIND NAME WHY
  found=$found$1' '$2$NL
}

begin
step 'Look again'
found=''
find_leftovers
kept=$chosen$NL
going=''
while read -r kind name; do
  [ -n "$kind" ] || continue
  case $NL$kept in
    *"$NL$kind $name$NL"*) going=$going$kind' '$name$NL ;;
  esac
done <<END
$found
END
while read -r kind name; do
  case $NL$going in
    *"$NL$kind $name$NL"*) ;;
    *) fail NOT_FOUND "$name is not left over any more: it is gone, or somebody uses it by now." "Look at the list again." ;;
  esac
done <<END
$chosen
END

step 'Remove it'
stays
while read -r kind name; do
  [ -n "$kind" ] || continue
  case $kind in
    mount) run umount -- "$name" ;;
    dm) run dmsetup remove -- "$name" ;;
    loop)
      run losetup -d "$name"
      for link in "$RUN"/bases/* "$RUN"/packages/*; do
        if [ "$(readlink -- "$link")" = "$name" ]; then run rm -f -- "$link"; fi
      done
      ;;
    link) run rm -f -- "$name" ;;
    file)
      # A sealed image cannot be removed as long as it is immutable.
      if [ -d "$name" ]; then try find "$name" -xdev -name '*.img' -exec chattr -i -- {} + || :; fi
      run rm -rf --one-file-system -- "$name"
      ;;
  esac
done <<END
$going
END
