# shellcheck shell=sh disable=SC2154,SC2034 # names shared with the job library, the input and the scripts around
# Makes the next generation of base $name from its draft, as an import does from an image: a copy of the draft is generalised and sealed. The
# draft is there until the generation is. domain.sh, draft.sh and generation.sh with
# what it needs stand above this text.

begin

step "Check the draft of $name"
find_draft
domids_of "$uuid" || fail COMMAND_FAILED "xl does not answer." "Run xl list on the host."
[ -z "$domids" ] || fail BUSY "The draft of $name runs." "Shut it down first, so that all it wrote is on its disk."
release_layer "$folder/root.img" || fail BUSY "The draft of $name is in use." "Find out who uses it: losetup -j $folder/root.img."
# A guest that was not shut down leaves a journal. 1: mended.
try e2fsck -f -p "$folder/root.img" || [ $? = 1 ] ||
  fail PREFLIGHT_FAILED "The file system of the draft has errors that cannot be mended without a loss." "Run e2fsck -f on $folder/root.img, or discard the draft."
choose_kernel "$folder/root.img" "$root/bases/$name/$generation"
source=$folder/root.img
inspect_source "$source" "$kernel" "$initrd"
version=${image_kernel#vmlinuz-}

step 'Copy the draft'
make_work
copy_file "$folder/root.img" "$work/root.img"

origin=",\"from\":{\"generation\":$generation}"
draft=$folder
make_generation

step 'Remove the draft'
# The end of the draft, and what makes the generation stay.
removed=$root/.deleting-$JOB_ID
undo finish_removal "$removed"
run mv -T -- "$folder" "$removed"
run rm -rf --one-file-system -- "$removed"
