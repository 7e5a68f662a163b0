import type { BootLook } from '../../src-shared/contract/guests'
import { type Boot, bootWay, guestKernelSchema } from '../../src-shared/models/boot'
import type { Guest } from '../../src-shared/models/guest'
import { type OperationInput, operationInputs } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { type PreflightHost, runPreflight, scriptOf } from '../jobs/preflight'
import { boot, bootChecks, bootVariables } from './boot'
import bootLook from './boot-look.sh?raw'
import { parseMenu } from './boot-menu'

export type BootHost = PreflightHost & { readonly guests: ReadonlyMap<string, Guest> }

/**
 * Looks at how a guest boots, or with `wanted` at how it would: what its disks hold, and what stands in the way. One round trip, nothing is
 * written, and no disk is mounted. Throws NOT_FOUND, BAD_INPUT for a guest without a config, and what the host throws.
 */
export async function planBoot(host: BootHost, guestId: string, wanted?: Boot): Promise<BootLook> {
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${host.settings.name}.`)
  const { name, configPath, type = 'pv', kernel, bootloader } = guest
  if (configPath === undefined) {
    throw new ProblemError('BAD_INPUT', `No config file of ${name} is known on ${host.settings.name}.`, {
      hint: 'Write one to /etc/xen, and it shows here.',
    })
  }
  const now = { type, ...(kernel === undefined ? {} : { kernel }), ...(bootloader === undefined ? {} : { bootloader }) }
  const ref = { name, ...(guestId.startsWith('cfg:') ? {} : { uuid: guestId }), configPath }
  const { checks, texts } = await runPreflight(host, bootVariables(ref, wanted ?? now), `${bootChecks}\n${bootLook}`)
  const booted = texts.get('booted')?.[0]
  const kernels = (texts.get('kernel') ?? []).flatMap((line) => {
    const [place, file = ''] = line.split(' ')
    const release = file.slice(file.indexOf('-') + 1)
    const found = guestKernelSchema.safeParse({ place, name: release, booted: release === booted })
    return found.success ? [found.data] : []
  })
  const input: OperationInput<'guest.boot'> | undefined = wanted && operationInputs['guest.boot'].parse({ ...ref, boot: wanted })
  return {
    ...(bootWay(wanted ?? now) === undefined ? {} : { way: bootWay(wanted ?? now) }),
    ...(booted === undefined ? {} : { booted }),
    kernels,
    entries: parseMenu(texts.get('menu') ?? []),
    checks,
    ...(input ? { script: scriptOf(boot, input, host.settings.storageRoot) } : {}),
  }
}
