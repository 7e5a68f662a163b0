import type { OperationInput } from '../../src-shared/operations'
import { space } from '../host/space'
import { defineOperation } from '../jobs/define'
import newFile from '../jobs/new-file.sh?raw'
import { diskGuard } from '../xen/disk-guard'
import exportScript from './export.sh?raw'
import pack from './pack.sh?raw'

const script = [diskGuard, space, newFile, exportScript].join('\n')
const steps = (disk: string, target: string) => [`Check ${disk}`, `Write ${target}`, 'Name it']
const variables = ({ target, format }: Pick<OperationInput<'image.export'>, 'target' | 'format'>) => ({ target, format, pack })

/** Writes the root image of a generation to a file on its host. */
export const exportBase = defineOperation<'image.export'>({
  id: 'image.export',
  title: ({ base, generation, target }) => `Export generation ${generation} of ${base} to ${target}`,
  targets: ({ base }) => [base],
  steps: ({ base, generation, target }) => steps(`generation ${generation} of ${base}`, target),
  locks: ({ base }) => [{ name: `base-${base}`, shared: true }],
  danger: 'none',
  // The storage root is known to the script alone.
  variables: ({ base, generation, ...rest }) => ({ disk: '', base, generation: String(generation), ...variables(rest) }),
  script,
})

/** Writes a disk of a guest that is off to a file on its host. */
export const exportDisk = defineOperation<'guest.export'>({
  id: 'guest.export',
  title: ({ name, target }) => `Export a disk of ${name} to ${target}`,
  targets: ({ name }) => [name],
  steps: ({ disk, target }) => steps(disk, target),
  // Nobody starts a guest meanwhile that would write to it.
  locks: () => [{ name: 'guests', shared: true }],
  danger: 'none',
  variables: ({ disk, ...rest }) => ({ disk, base: '', generation: '', ...variables(rest) }),
  script,
})
