import initramfsHook from '../../resources/guest/initramfs/hooks/domdeck?raw'
import localBottom from '../../resources/guest/initramfs/scripts/local-bottom/domdeck?raw'
import localTop from '../../resources/guest/initramfs/scripts/local-top/domdeck?raw'
import sshKeysUnit from '../../resources/guest/systemd/domdeck-ssh-keys.service?raw'
import { space } from '../host/space'
import { defineOperation } from '../jobs/define'
import { diskGuard } from '../xen/disk-guard'
import buildInitrd from './build-initrd.sh?raw'
import extract from './extract.sh?raw'
import importScript from './import.sh?raw'
import inspectFunctions from './inspect.sh?raw'
import prepare from './prepare.sh?raw'
import unpack from './unpack.sh?raw'

/** Makes a base, or its next generation, from an image on dom0. Interrupted at any point it leaves a whole generation or nothing. */
export const importBase = defineOperation<'image.import'>({
  id: 'image.import',
  title: ({ name, source }) => `Import ${name} from ${source}`,
  targets: ({ name }) => [name],
  steps: ({ name, source }) => [
    `Check ${source}`,
    'Copy the image',
    'Prepare the copy',
    'Build the initrd',
    'Check kernel and initrd',
    'Seal it',
    `Publish ${name}`,
  ],
  locks: ({ name }) => [{ name: `base-${name}`, shared: false }],
  danger: 'none',
  variables: ({ name, source, kernel, initrd }) => ({
    name,
    source,
    kernel: kernel ?? '',
    initrd: initrd ?? '',
    unpack,
    prepare,
    build_initrd: buildInitrd,
    extract,
    guest_hook: initramfsHook,
    guest_local_top: localTop,
    guest_local_bottom: localBottom,
    guest_ssh_keys: sshKeysUnit,
  }),
  script: [diskGuard, space, inspectFunctions, importScript].join('\n'),
})
