import initramfsHook from '../../resources/guest/initramfs/hooks/domdeck?raw'
import encryption from '../../resources/guest/initramfs/scripts/domdeck-encryption?raw'
import localBottom from '../../resources/guest/initramfs/scripts/local-bottom/domdeck?raw'
import localTop from '../../resources/guest/initramfs/scripts/local-top/domdeck?raw'
import sshKeysUnit from '../../resources/guest/systemd/domdeck-ssh-keys.service?raw'
import type { Lock } from '../../src-shared/models/job'
import { copyImage } from '../jobs/copy-image'
import { diskGuard } from '../xen/disk-guard'
import initrd from '../xen/initrd.sh?raw'
import kernelRelease from '../xen/kernel-release.sh?raw'
import buildInitrd from './build-initrd.sh?raw'
import extract from './extract.sh?raw'
import generationFunctions from './generation.sh?raw'
import generationFolder from './generation-folder.sh?raw'
import inspectFunctions from './inspect.sh?raw'
import prepare from './prepare.sh?raw'
import sealing from './sealing.sh?raw'

/** The words that every job which makes a generation has above its own text. */
export const generationScript = [
  diskGuard,
  kernelRelease,
  initrd,
  copyImage,
  inspectFunctions,
  sealing,
  generationFolder,
  generationFunctions,
].join('\n')

/** What those words need: the files that go into an image, and the scripts that are run apart. */
export const generationVariables = {
  prepare,
  build_initrd: buildInitrd,
  extract,
  guest_hook: initramfsHook,
  guest_local_top: localTop,
  guest_local_bottom: localBottom,
  guest_encryption: encryption,
  guest_ssh_keys: sshKeysUnit,
}

/** The steps of `make_generation`. */
export const generationSteps = (name: string): string[] => [
  'Prepare the copy',
  'Build the initrd',
  'Check kernel and initrd',
  'Seal it',
  `Publish ${name}`,
]

/** Jobs that make or remove a generation or a draft of one base exclude each other. */
export const baseLock = (name: string): Lock => ({ name: `base-${name}`, shared: false })
