import { hiddenChangeSchema, packageChangeSchema, type SwapPlan } from '../../src-shared/contract/guests'
import type { Generation } from '../../src-shared/models/base'
import { type Guest, type GuestOrigin, holdsKey, isOff } from '../../src-shared/models/guest'
import type { PackageImage } from '../../src-shared/models/package'
import { hasOwnRoot } from '../../src-shared/operations'
import { ProblemError, toProblem } from '../../src-shared/problem'
import { scriptOf } from '../jobs/preflight'
import layerFilesFunction from './layer-files.sh?raw'
import { type LayerHost, linesOf } from './layer-look'
import { swap } from './swap'
import swapLook from './swap-look.sh?raw'

type SwapHost = LayerHost & { readonly generations: readonly Generation[]; readonly packages: readonly PackageImage[] }
type SwapRequest = { base: string; generation: number; guestIds: readonly string[] }
type GuestPlan = SwapPlan['guests'][number]

/** The most hidden changes of one guest that are told one by one. */
const mostHidden = 500

/**
 * What it means for guests to go to another generation of their base: one look for each generation that they come from. Writes
 * nothing. Throws NOT_FOUND when the generation is not on the host; why a look failed is in the plan.
 */
export async function planSwap(host: SwapHost, { base, generation, guestIds }: SwapRequest): Promise<SwapPlan> {
  const target = host.generations.find((one) => one.base === base && one.generation === generation)
  if (!target) throw new ProblemError('NOT_FOUND', `Generation ${generation} of ${base} is not on ${host.settings.name}.`)
  const plans = guestIds.flatMap((id) => {
    const guest = host.guests.get(id)
    return guest?.origin ? [{ guest, plan: planFor(guest, guest.origin, target, host.packages) }] : []
  })
  const sources = new Set(plans.filter(({ plan }) => !plan.refused).map(({ plan }) => plan.from))
  const packages: SwapPlan['packages'] = []
  let problem: SwapPlan['problem']
  for (const from of [...sources].sort((a, b) => a - b)) {
    if (from === generation || problem) continue
    const looked = plans.filter(({ guest, plan }) => plan.from === from && canLook(guest) && !plan.refused)
    try {
      packages.push({
        from,
        changes: await lookAt(
          host,
          { base, from, to: generation },
          looked.map(({ plan }) => plan),
        ),
      })
    } catch (error) {
      problem = toProblem(error)
    }
  }
  const first = plans.find(({ plan }) => !plan.refused)?.guest ?? plans[0]?.guest
  if (!first) throw new ProblemError('NOT_FOUND', `None of those guests stands on ${base} on ${host.settings.name}.`)
  return {
    guests: plans.map(({ plan }) => plan),
    packages,
    ...(problem ? { problem } : {}),
    script: scriptOf(swap, { name: first.name, uuid: first.id, base, generation }, host.settings.storageRoot),
  }
}

const canLook = (guest: Guest) => isOff(guest) && guest.origin?.mode === 'overlay' && !guest.origin.encrypted

function planFor(guest: Guest, origin: GuestOrigin, target: Generation, packages: readonly PackageImage[]): GuestPlan {
  const refused = refusalOf(guest, origin, target)
  return {
    guestId: guest.id,
    name: guest.name,
    from: origin.generation,
    when: isOff(guest) ? 'now' : 'next-start',
    encrypted: origin.encrypted === true,
    hiddenCount: 0,
    unclean: false,
    misfits: packages
      .filter((image) => has(origin, image) && (image.for.base !== target.base || image.for.generation !== target.generation))
      .map(({ name, version }) => `${name}/${version}`),
    ...(refused === undefined ? {} : { refused }),
  }
}

const has = ({ packages = [] }: GuestOrigin, image: PackageImage) =>
  packages.some(({ name, version, next = version }) => name === image.name && next === image.version)

function refusalOf(guest: Guest, origin: GuestOrigin, target: Generation): string | undefined {
  if (hasOwnRoot(origin.mode)) return 'It has a root disk of its own, and no layer over a base.'
  if (origin.base !== target.base) return `It stands on ${origin.base}.`
  if (guest.state === 'saved') {
    return 'It is saved: its memory goes with its disks as they are now. Start it and shut it down, or discard what was saved.'
  }
  if (origin.generation === target.generation && origin.next === undefined) return 'It stands on that generation already.'
  if (origin.packages && !target.stacks) {
    return `The initrd of generation ${target.generation} knows nothing of package images, and it has some in its stack.`
  }
  if (guest.type !== undefined && !target.types.some((type) => type === guest.type)) {
    return `The kernel of generation ${target.generation} does not boot as ${guest.type.toUpperCase()}.`
  }
  if (holdsKey(guest) && !target.encryption) {
    return `The initrd of generation ${target.generation} cannot encrypt, and its disks are encrypted.`
  }
  if (guest.memoryMb < target.minMemoryMb) return `Generation ${target.generation} needs ${target.minMemoryMb} MB of memory.`
  return undefined
}

/** Looks at the layers of guests that come from one generation, fills in what they hide, and tells the packages that differ. */
async function lookAt(host: SwapHost, { base, from, to }: { base: string; from: number; to: number }, plans: GuestPlan[]) {
  const rows = await linesOf(
    host,
    `generations ${from} and ${to} of ${base}`,
    [
      ...['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', `${layerFilesFunction}\n${swapLook}`],
      ...['swap-look.sh', host.settings.storageRoot, base, String(from), String(to), ...plans.map(({ name }) => name)],
    ] as [string, ...string[]],
    '\t',
  )
  if (rows.at(-1)?.[0] !== 'end') {
    throw new ProblemError('UNEXPECTED_OUTPUT', `The comparison on ${host.settings.name} broke off.`)
  }
  for (const plan of plans) {
    const hidden = rows.flatMap(([word, name, change, path, by]) => {
      const one = word === 'hidden' && name === plan.name ? hiddenChangeSchema.safeParse({ change, path, by }) : undefined
      return one?.success ? [one.data] : []
    })
    plan.hidden = hidden.slice(0, mostHidden)
    plan.hiddenCount = hidden.length
    plan.unclean = rows.some(([word, name]) => word === 'unclean' && name === plan.name)
  }
  return rows.flatMap(([word, name, old, now, how]) => {
    const one = word === 'package' ? packageChangeSchema.safeParse({ name, old, new: now, how }) : undefined
    return one?.success ? [one.data] : []
  })
}
