import type { OperationInput } from '../../src-shared/operations'
import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import newFile from '../jobs/new-file.sh?raw'
import diskFiles from '../xen/disk-files.sh?raw'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import initrd from '../xen/initrd.sh?raw'
import configKeys from './config-keys.sh?raw'
import { guestLock, guestsLock } from './locks'
import mendScript from './mend.sh?raw'
import mendApply from './mend-apply.sh?raw'
import mendCheck from './mend-check.sh?raw'
import mendCopyScript from './mend-copy.sh?raw'
import mendFiles from './mend-files.sh?raw'
import mendInitrd from './mend-initrd.sh?raw'
import mendWords from './mend-words.sh?raw'
import settings from './settings.sh?raw'
import unmendScript from './unmend.sh?raw'

/** What looking at an image needs above its own text. */
export const mendChecks = [diskFiles, initrd, configKeys, mendWords, mendCheck].join('\n')

const script = [diskGuard, domain, mendChecks, settings, mendApply].join('\n')
const sent = { mend_files: `${mendWords}\n${mendFiles}`, mend_initrd_script: mendInitrd }

/** The ids as a title has them: `fstab, getty`. */
const said = (ids: readonly string[]): string => ids.join(', ')

type Ref = Pick<OperationInput<'guest.mend'>, 'name' | 'uuid' | 'configPath'>
const about = ({ name, uuid, configPath }: Ref) => ({ name, uuid: uuid ?? '', config_path: configPath ?? '' })

/** A mending writes to a disk, and nobody may start another guest on it meanwhile. */
const guest = {
  targets: ({ name }: Ref) => [name],
  locks: ({ uuid }: Ref) => (uuid === undefined ? [guestsLock] : [guestLock(uuid), guestsLock]),
  danger: 'none' as const,
}

/** Has the disks and the config of a guest that is off say xvda and hvc0. */
export const mend = defineOperation<'guest.mend'>({
  ...guest,
  id: 'guest.mend',
  title: ({ name, ids }) => `Mend ${said(ids)} of ${name}`,
  steps: ({ name }) => [`Check ${name}`, 'Mend it', 'Check it again'],
  inverse: ({ uuid, configPath }, { guests, result }) => {
    const found = guests.get(uuid ?? `cfg:${configPath}`)
    if (found?.state !== 'halted' || !result.job) return []
    const ref = {
      name: found.name,
      ...(uuid === undefined ? {} : { uuid }),
      ...(found.configPath === undefined ? {} : { configPath: found.configPath }),
    }
    return [{ operation: 'guest.unmend', input: { ...ref, job: result.job } }]
  },
  variables: ({ ids, ...ref }) => ({ ...about(ref), ids: ids.join(' '), ...sent }),
  script: `${script}\n${mendScript}`,
})

/** Puts back what a mending changed, while nobody has changed it since. */
export const unmend = defineOperation<'guest.unmend'>({
  ...guest,
  id: 'guest.unmend',
  title: ({ name }) => `Put back what was mended of ${name}`,
  steps: ({ name }) => [`Check ${name}`, 'Put it back'],
  variables: ({ job, ...ref }) => ({ ...about(ref), mended: job, ...sent }),
  script: `${script}\n${unmendScript}`,
})

/** Mends a copy of an image by its path; the image itself is only read. */
export const mendCopy = defineOperation<'image.mend'>({
  id: 'image.mend',
  title: ({ source, ids }) => `Mend ${said(ids)} in a copy of ${source}`,
  targets: ({ source }) => [source.split('/').at(-1) ?? source],
  steps: ({ source }) => [`Check ${source}`, 'Copy it', 'Mend the copy', 'Check it again', 'Name it'],
  locks: () => [guestsLock],
  danger: 'none',
  variables: ({ source, target, ids }) => ({ source, target, ids: ids.join(' '), ...sent }),
  script: `${script}\n${copyImage}\n${newFile}\n${mendCopyScript}`,
})
