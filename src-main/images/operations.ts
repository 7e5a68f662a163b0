import { makeBootable, putGrubOn } from './boot-images'
import { copy } from './copy'
import { remove } from './delete'
import { discard, edit, publish } from './drafts'
import { importBase } from './import'
import { makePackage, removePackage } from './packages'
import { promote } from './promote'

/** The operations of this room by id. */
export const imageOperations = {
  'image.import': importBase,
  'image.edit': edit,
  'image.publish': publish,
  'image.discard': discard,
  'image.promote': promote,
  'image.delete': remove,
  'image.copy': copy,
  'image.package': makePackage,
  'image.delete-package': removePackage,
  'image.grub': putGrubOn,
  'image.bootable': makeBootable,
}
