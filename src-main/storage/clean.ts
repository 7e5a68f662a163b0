import { defineOperation } from '../jobs/define'
import cleanScript from './clean.sh?raw'
import leftovers from './leftovers.sh?raw'

/** Removes what is left over on a host: files, loop devices, mounts, device-mapper nodes and links that belong to nothing. */
export const clean = defineOperation<'host.clean'>({
  id: 'host.clean',
  title: ({ items }) =>
    items.length === 1 ? `Remove what was left over: ${items[0]?.name}` : `Remove ${items.length} leftovers`,
  targets: () => [],
  steps: () => ['Look again', 'Remove it'],
  // Whoever attaches or detaches a base, or makes a guest, holds it.
  locks: () => [{ name: 'guests', shared: false }],
  danger: 'destroys',
  variables: ({ items }) => ({ chosen: items.map(({ kind, name }) => `${kind} ${name}`).join('\n') }),
  script: [leftovers, cleanScript].join('\n'),
})
