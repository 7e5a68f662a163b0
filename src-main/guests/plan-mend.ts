import { type Guest, isOff } from '../../src-shared/models/guest'
import { type MendId, type MendItem, mendIdSchema } from '../../src-shared/models/mend'
import { hasOwnRoot } from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { type PreflightHost, runPreflight } from '../jobs/preflight'
import { diskGuard } from '../xen/disk-guard'
import domain from '../xen/domain.sh?raw'
import { mendChecks } from './mend'
import mendLook from './mend-look.sh?raw'

export type MendHost = PreflightHost & { readonly guests: ReadonlyMap<string, Guest> }

/** A guest that is off, or an image by its path on the host. */
export type MendSource = { guestId: string } | { image: string }

/** How the host calls what each id is about. */
const titles: Record<MendId, string> = {
  fstab: 'Disks in fstab',
  menu: 'Disks in the boot menu',
  console: 'Console of the kernel',
  getty: 'Login',
  login: 'Login of root',
  cfg: 'Config',
  initrd: 'Drivers',
}

/**
 * What an old image or guest has to say otherwise to boot under Xen, in one round trip: nothing is mounted, and nothing is written. Throws NOT_FOUND,
 * BAD_INPUT for a guest without a config or whose root is an overlay, BUSY for one that runs, and what the host throws.
 */
export async function planMend(host: MendHost, source: MendSource): Promise<{ items: MendItem[] }> {
  const variables =
    'image' in source
      ? { source: source.image, name: '', uuid: '', config_path: '' }
      : { source: '', ...guestOf(host, source.guestId) }
  const { checks, texts } = await runPreflight(host, variables, [diskGuard, domain, mendChecks, mendLook].join('\n'))
  const can = new Set(texts.get('mend') ?? [])
  const changes = (texts.get('change') ?? []).map((line) => ({
    id: line.slice(0, line.indexOf(' ')),
    line: line.slice(line.indexOf(' ') + 1),
  }))
  return {
    items: checks.map((check) => {
      const id = mendIdSchema.options.find((one) => titles[one] === check.title && can.has(one))
      return {
        ...check,
        ...(id ? { id } : {}),
        changes: id ? changes.filter((one) => one.id === id).map(({ line }) => line) : [],
      }
    }),
  }
}

function guestOf(host: MendHost, guestId: string): { name: string; uuid: string; config_path: string } {
  const guest = host.guests.get(guestId)
  if (!guest) throw new ProblemError('NOT_FOUND', `That guest is no longer on ${host.settings.name}.`)
  const { name, configPath, origin, state } = guest
  if (configPath === undefined) {
    throw new ProblemError(
      'BAD_INPUT',
      `No config file of ${name} is known on ${host.settings.name}, so its disks are not known either.`,
      {
        hint: 'Write one to /etc/xen, and it shows here.',
      },
    )
  }
  if (origin && !hasOwnRoot(origin.mode)) {
    throw new ProblemError('BAD_INPUT', `The root of ${name} is its base with its layer on top, and a base is never changed.`, {
      hint: `Look at the image of ${origin.base} instead.`,
    })
  }
  if (!isOff(guest)) {
    throw new ProblemError('BUSY', `${name} is ${state}, and its disks are in use.`, { hint: 'Shut it down first.' })
  }
  return { name, uuid: guestId.startsWith('cfg:') ? '' : guestId, config_path: configPath }
}
