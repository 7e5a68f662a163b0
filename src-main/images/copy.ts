import { copyImage } from '../jobs/copy-image'
import { defineOperation } from '../jobs/define'
import copyScript from './copy.sh?raw'
import { baseLock } from './generation'
import generationFolder from './generation-folder.sh?raw'
import sealing from './sealing.sh?raw'

/** Copies a generation from another host to this one, as far as it is not here yet. Its data comes by `feedCopy`. */
export const copy = defineOperation<'image.copy'>({
  id: 'image.copy',
  title: ({ base, generation, from }) => `Copy generation ${generation} of ${base} from ${from.name}`,
  targets: ({ base }) => [base],
  steps: ({ base, generation, from }) => [
    `Check generation ${generation} of ${base}`,
    `Ask ${from.name} for its sums`,
    'See what is here already',
    'Copy what is missing',
    'Check the whole',
    `Publish ${base}`,
  ],
  locks: ({ base }) => [baseLock(base)],
  danger: 'none',
  variables: ({ base, generation, sha256, sizeBytes, from }) => ({
    name: base,
    generation: String(generation),
    sum: sha256,
    size_bytes: String(sizeBytes),
    from: from.name,
  }),
  script: [copyImage, sealing, generationFolder, copyScript].join('\n'),
})
