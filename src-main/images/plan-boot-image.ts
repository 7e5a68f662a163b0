import type { Check } from '../../src-shared/contract/guests'
import type { BootImageCall } from '../../src-shared/operations'
import { space } from '../host/space'
import { type PreflightHost, runPreflight, scriptOf } from '../jobs/preflight'
import { diskInspection, makeBootable, putGrubOn } from './boot-images'

/** Looks at an image on dom0 before GRUB gets to it, in one round trip. Writes nothing. Throws what the host throws. */
export async function planBootImage(host: PreflightHost, call: BootImageCall): Promise<{ checks: Check[]; script: string }> {
  const { storageRoot } = host.settings
  const look = (variables: Record<string, string>, words: string) =>
    runPreflight(host, variables, [space, diskInspection, words].join('\n'))
  if (call.operation === 'image.grub') {
    const { checks } = await look({ path: call.input.path }, 'inspect_grub "$path" || :')
    return { checks, script: scriptOf(putGrubOn, call.input, storageRoot) }
  }
  const { from, target } = call.input
  const source = 'base' in from ? `${storageRoot}/bases/${from.base}/${from.generation}/root.img` : from.path
  const { checks } = await look({ source, target }, 'inspect_bootable "$source" "$target" || :')
  return { checks, script: scriptOf(makeBootable, call.input, storageRoot) }
}
