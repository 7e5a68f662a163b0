import type { Check } from '../../src-shared/contract/guests'
import type { ImportInput } from '../../src-shared/operations'
import { space } from '../host/space'
import { type PreflightHost, runPreflight, scriptOf } from '../jobs/preflight'
import { diskGuard } from '../xen/disk-guard'
import initrd from '../xen/initrd.sh?raw'
import { importBase } from './import'
import inspectFunctions from './inspect.sh?raw'

const inspection = `${diskGuard}
${space}
${initrd}
${inspectFunctions}
image=$(readlink -f -- "$source") || image=$source
inspect_source "$image" "$kernel" "$initrd"`

/** Looks at an image on dom0 before it is imported, in one round trip. Writes nothing. Throws what the host throws. */
export async function planImport(host: PreflightHost, input: ImportInput): Promise<{ checks: Check[]; script: string }> {
  const { checks } = await runPreflight(
    host,
    { source: input.source, kernel: input.kernel ?? '', initrd: input.initrd ?? '' },
    inspection,
  )
  return { checks, script: scriptOf(importBase, input, host.settings.storageRoot) }
}
