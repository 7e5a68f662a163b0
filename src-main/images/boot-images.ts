import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import newFile from '../jobs/new-file.sh?raw'
import { diskGuard } from '../xen/disk-guard'
import initrd from '../xen/initrd.sh?raw'
import bootableScript from './bootable.sh?raw'
import diskLayout from './disk-layout.sh?raw'
import grubScript from './grub.sh?raw'
import grubOnto from './grub-onto.sh?raw'
import inspectFunctions from './inspect.sh?raw'
import inspectDisk from './inspect-disk.sh?raw'
import putGrub from './put-grub.sh?raw'
import sealing from './sealing.sh?raw'

/** What looks at an image, of a disk or without partitions, before GRUB gets to it. */
export const diskInspection = [diskGuard, newFile, inspectFunctions, diskLayout, inspectDisk].join('\n')

const words = [copyImage, initrd, diskInspection, sealing, grubOnto].join('\n')

/** Puts GRUB on the image of a disk. Interrupted at any point the image is as it was, or complete. */
export const putGrubOn = defineOperation<'image.grub'>({
  id: 'image.grub',
  title: ({ path }) => `Put GRUB on ${path}`,
  targets: ({ path }) => [path],
  steps: ({ path }) => [`Check ${path}`, 'Copy it', 'Put GRUB on the copy', 'Verify the copy', `Put it in the place of ${path}`],
  // That of guests it takes for its last step: a copy may take minutes.
  locks: () => [],
  danger: 'none',
  variables: ({ path }) => ({ path, put_grub: putGrub }),
  script: `${words}\n${grubScript}`,
})

/** Makes the bootable image of a whole disk from one without partitions. */
export const makeBootable = defineOperation<'image.bootable'>({
  id: 'image.bootable',
  title: ({ from, target }) => `Make the bootable disk ${target} of ${nameOf(from)}`,
  targets: ({ from, target }) => ['base' in from ? from.base : from.path, target],
  steps: ({ from, target }) => [`Check ${nameOf(from)}`, 'Make the disk', 'Put GRUB on it', 'Verify it', `Name it ${target}`],
  locks: ({ from }) => ('base' in from ? [{ name: `base-${from.base}`, shared: true }] : []),
  danger: 'none',
  variables: ({ from, target, table, format }) => ({
    // The storage root is known to the script alone.
    ...('base' in from
      ? { source: '', base: from.base, generation: String(from.generation) }
      : { source: from.path, base: '', generation: '' }),
    ...{ target, table, format, put_grub: putGrub },
  }),
  script: `${words}\n${bootableScript}`,
})

const nameOf = (from: { base: string; generation: number } | { path: string }): string =>
  'base' in from ? `generation ${from.generation} of ${from.base}` : from.path
