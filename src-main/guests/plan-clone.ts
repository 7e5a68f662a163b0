import { randomUUID } from 'node:crypto'
import type { Check, ClonePlan } from '../../src-shared/contract/guests'
import { expandGuestNames } from '../../src-shared/guest-names'
import type { Generation } from '../../src-shared/models/base'
import type { HostFacts } from '../../src-shared/models/host'
import {
  type CloneInput,
  type CloneRequest,
  cloneInputSchema,
  hasOwnRoot,
  isEncrypted,
  leastDiskMb,
  noEncryption,
  poolSchema,
} from '../../src-shared/operations'
import { ProblemError } from '../../src-shared/problem'
import { space } from '../host/space'
import { type PreflightHost, runPreflight, scriptOf } from '../jobs/preflight'
import { diskGuard } from '../xen/disk-guard'
import { clone } from './clone'
import cloneModes from './clone-modes.sh?raw'
import { cloneVariables } from './clone-variables'
import guestConfig from './guest-config.sh?raw'
import layerSpace from './layer-space.sh?raw'
import { takeMac } from './mac'
import preflight from './preflight.sh?raw'

/** What planning a clone needs of a host. */
export type CloneHost = PreflightHost & {
  readonly facts: HostFacts | undefined
  readonly generations: readonly Generation[]
}

/**
 * Pins names, UUIDs and MACs of a clone and checks on the host, in one round trip, whether it can be made. Writes nothing.
 * Throws BAD_INPUT when the pattern gives no names, NOT_FOUND when the base is not on the host, HOST_NOT_READY before the
 * host's facts are known, and what the host throws.
 */
export async function planClone(host: CloneHost, request: CloneRequest, takenMacs: ReadonlySet<string>): Promise<ClonePlan> {
  const names = expandGuestNames(request.pattern, request.count)
  if ('refused' in names) throw new ProblemError('BAD_INPUT', names.refused)
  const { facts } = host
  if (!facts) throw new ProblemError('HOST_NOT_READY', `What ${host.settings.name} can do is not known yet.`)
  const generation = host.generations.find((each) => each.base === request.base && each.generation === request.generation)
  if (!generation) {
    throw new ProblemError('NOT_FOUND', `Generation ${request.generation} of ${request.base} is not on ${host.settings.name}.`)
  }
  const macs = new Set(takenMacs)
  const { pattern: _pattern, count: _count, ...settings } = request
  const asked = cloneInputSchema.parse({
    ...settings,
    type: request.type === 'auto' ? bestType(generation, facts) : request.type,
    guests: names.names.map((name) => {
      const uuid = randomUUID()
      return { name, uuid, mac: takeMac(uuid, macs) }
    }),
  } satisfies CloneInput)
  const { checks, numbers, texts } = await runPreflight(
    host,
    cloneVariables(asked),
    [guestConfig, cloneModes, layerSpace, space, diskGuard, preflight].join('\n'),
  )
  const pool = poolSchema.safeParse(texts.get('chosen')?.[0]).data ?? asked.pool
  const input: CloneInput = pool === undefined ? asked : { ...asked, pool }
  const sized = hasOwnRoot(input.mode) ? [sizeCheck(input, generation)] : []
  const secret = isEncrypted(input) ? [encryptionCheck(input, generation)] : []
  return {
    input,
    checks: [kernelCheck(input, generation, facts), leastMemoryCheck(input, generation), ...sized, ...secret, ...checks],
    script: scriptOf(clone, input, host.settings.storageRoot),
    bytesPerGuest: numbers.get('bytes_per_guest') ?? 0,
    refusedModes: Object.fromEntries((texts.get('refused') ?? []).map(splitWord)) as ClonePlan['refusedModes'],
    pools: (texts.get('pool') ?? []).map(splitWord).map(([name, free]) => ({ name, freeBytes: Number(free) })),
  }
}

const splitWord = (text: string): [string, string] => {
  const [word = '', ...rest] = text.split(' ')
  return [word, rest.join(' ')]
}

/** PVH where kernel and host can do it, for it is the faster and the safer of the two; else PV. */
function bestType(generation: Generation, facts: HostFacts): 'pv' | 'pvh' {
  return generation.types.includes('pvh') && facts.guestTypes.includes('pvh') ? 'pvh' : 'pv'
}

function kernelCheck(input: CloneInput, generation: Generation, facts: HostFacts): Check {
  const title = 'Type'
  const word = input.type.toUpperCase()
  if (!generation.types.includes(input.type)) {
    return {
      title,
      verdict: 'fail',
      fact: `kernel ${generation.kernelVersion} cannot boot as ${word}`,
      advice: `It can boot as ${generation.types.map((type) => type.toUpperCase()).join(' or ')}; choose that.`,
    }
  }
  if (!facts.guestTypes.includes(input.type)) {
    return {
      title,
      verdict: 'fail',
      fact: `${facts.hostname} cannot run ${word} guests`,
      advice:
        input.type === 'pvh'
          ? 'Its CPU or firmware lacks hvm and hap (xl info, virt_caps). Choose PV.'
          : 'Its Xen is built without PV. Choose PVH.',
    }
  }
  return { title, verdict: 'pass', fact: `${word}, kernel ${generation.kernelVersion}` }
}

function sizeCheck({ mode, layerMb }: CloneInput, { sizeBytes }: Generation): Check {
  const title = 'Disk'
  const leastMb = leastDiskMb(sizeBytes)
  const fact = `${layerMb} MB, the base has ${leastMb} MB`
  if (layerMb < leastMb)
    return { title, verdict: 'fail', fact, advice: 'A disk holds the whole base. Make it at least that large.' }
  if (layerMb > leastMb && mode === 'qcow2') {
    const advice = 'Its file system stays as it is until the guest grows it: resize2fs /dev/xvda.'
    return { title, verdict: 'warn', fact, advice }
  }
  return { title, verdict: 'pass', fact }
}

function encryptionCheck({ mode, encrypted }: CloneInput, { base, generation, encryption }: Generation): Check {
  const title = 'Encryption'
  const refused = noEncryption(mode)
  if (refused !== undefined) return { title, verdict: 'fail', fact: refused, advice: 'Choose overlay or throwaway.' }
  if (!encryption) {
    return {
      title,
      verdict: 'fail',
      fact: `the initrd of ${base}/${generation} cannot encrypt`,
      advice: `Edit ${base}, install cryptsetup-bin in the draft, and publish it; or clone without encryption.`,
    }
  }
  const typed = encrypted && mode === 'overlay'
  return { title, verdict: 'pass', fact: typed ? 'each guest asks for its passphrase on its console' : 'with a key of each boot' }
}

function leastMemoryCheck(input: CloneInput, generation: Generation): Check {
  const title = 'Memory per guest'
  if (input.memoryMb < generation.minMemoryMb) {
    return {
      title,
      verdict: 'fail',
      fact: `${input.memoryMb} MB, the base needs ${generation.minMemoryMb} MB`,
      advice: 'With less, kernel and initrd do not fit and the guest does not come up. Give it more.',
    }
  }
  if (input.mode === 'throwaway' && !input.encrypted && input.layerMb * 2 > input.memoryMb) {
    return {
      title,
      verdict: 'warn',
      fact: `${input.layerMb} MB of its ${input.memoryMb} MB may fill with its layer`,
      advice: 'The RAM layer comes out of the memory of the guest. Give it more memory, or a smaller layer.',
    }
  }
  return { title, verdict: 'pass', fact: `${input.memoryMb} MB, the base needs ${generation.minMemoryMb} MB` }
}
