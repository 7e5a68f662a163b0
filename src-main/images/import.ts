import { defineOperation } from '../jobs/define'
import { baseLock, generationScript, generationSteps, generationVariables } from './generation'
import importScript from './import.sh?raw'
import unpack from './unpack.sh?raw'

/** Makes a base, or its next generation, from an image on dom0. Interrupted at any point it leaves a whole generation or nothing. */
export const importBase = defineOperation<'image.import'>({
  id: 'image.import',
  title: ({ name, source }) => `Import ${name} from ${source}`,
  targets: ({ name }) => [name],
  steps: ({ name, source }) => [`Check ${source}`, 'Copy the image', ...generationSteps(name)],
  locks: ({ name }) => [baseLock(name)],
  danger: 'none',
  variables: ({ name, source, kernel, initrd }) => ({
    name,
    source,
    kernel: kernel ?? '',
    initrd: initrd ?? '',
    unpack,
    ...generationVariables,
  }),
  script: `${generationScript}\n${importScript}`,
})
