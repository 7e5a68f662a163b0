import { healthTitles, type MendableId } from '../../src-shared/models/health'
import { defineOperation } from '../jobs/define'
import itemsScript from './items.sh?raw'
import mendScript from './mend.sh?raw'
import planScript from './plan.sh?raw'
import takeBackScript from './take-back.sh?raw'
import unmendScript from './unmend.sh?raw'

/** Links in /etc/xen/auto are decided about under `guests`, by whoever changes guests. */
const locks = ({ id }: { id: MendableId }) => [
  ...(id === 'autostart' ? [{ name: 'guests', shared: false }] : []),
  { name: 'health', shared: false },
]

/** Mends one item of a host's health, while the host is as it was when somebody looked. */
export const mendHealth = defineOperation<'host.mend-health'>({
  id: 'host.mend-health',
  title: ({ id }) => `Mend the host: ${healthTitles[id]}`,
  targets: () => [],
  steps: () => ['Look again', 'Write it', 'Put it in force'],
  locks,
  danger: 'none',
  inverse: ({ id }, { result }) => (result.changed === 'yes' ? [{ operation: 'host.unmend-health', input: { id } }] : []),
  outdated: () => 'The host may be another by now. Mend it on its Health page.',
  variables: ({ id, sum }) => ({ id, sum }),
  script: [planScript, itemsScript, takeBackScript, mendScript].join('\n'),
})

/** Puts back what mending an item changed, while nobody has changed it since. */
export const unmendHealth = defineOperation<'host.unmend-health'>({
  id: 'host.unmend-health',
  title: ({ id }) => `Take back what was mended of the host: ${healthTitles[id]}`,
  targets: () => [],
  steps: () => ['Check that it is as it was mended', 'Put it back'],
  locks,
  danger: 'none',
  variables: ({ id }) => ({ id }),
  script: [planScript, takeBackScript, unmendScript].join('\n'),
})
