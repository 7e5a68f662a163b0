import type { CheckupPhase, CheckupStep } from '../../src-shared/models/checkup'
import type { HostFacts, HostSettings } from '../../src-shared/models/host'
import { toProblem } from '../../src-shared/problem'
import type { Answers } from '../ssh/answers'
import { findRoot, type Root } from './escalation'
import { EventQueue } from './event-queue'
import { commandFailed, parseProbe } from './facts'
import probeScript from './probe.sh?raw'
import type { HostServices } from './services'
import type { Sessions } from './sessions'

/** A skew from which on times of jobs and graphs mislead. */
const skewWarningMs = 5_000
const patienceMs = 60_000

/** What a test needs: the host, the world, and where passwords are that were given before. */
export type CheckupOptions = { services: HostServices; answers: Answers; signal?: AbortSignal | undefined }

/**
 * Tests the connection to a host from its name to its tools, on a connection of its own that is closed in the end: what is connected
 * stays so. Tells each phase as it begins and as it ends, stops at the first that fails, and changes nothing on the host.
 */
export async function* checkUp(settings: HostSettings, options: CheckupOptions): AsyncGenerator<CheckupStep, void, undefined> {
  const steps = new EventQueue<CheckupStep>()
  const stop = new AbortController()
  const onAbort = () => stop.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted) onAbort()
  const done = run(settings, { ...options, signal: stop.signal }, (step) => steps.push(step)).finally(() => steps.end())
  try {
    yield* steps
    await done
  } finally {
    // Also when nobody reads on.
    stop.abort()
    options.signal?.removeEventListener('abort', onAbort)
  }
}

async function run(
  settings: HostSettings,
  { services, answers, signal }: CheckupOptions & { signal: AbortSignal },
  tell: (step: CheckupStep) => void,
): Promise<void> {
  let phase: CheckupPhase = 'resolving'
  let startedAt = 0
  let found: string[] = []
  const begin = (next: CheckupPhase): void => {
    phase = next
    startedAt = performance.now()
    found = []
    tell({ phase, state: 'running', found: [] })
  }
  const end = (outcome: Partial<CheckupStep> & Pick<CheckupStep, 'state'>): void =>
    tell({ phase, found, ...outcome, tookMs: Math.round(performance.now() - startedAt) })
  let sessions: Sessions | undefined
  begin('resolving')
  try {
    sessions = await services.dial(settings, {
      signal,
      answers,
      // A phase has gone well when the next one begins; all of a jump host is on the way to connecting.
      onPhase: (reached, jump) => {
        const next = jump === undefined ? reached : 'connecting'
        if (next === phase || (next === 'resolving' && phase === 'connecting')) return
        end({ state: 'good' })
        begin(next)
      },
      onNote: (words) => found.push(words),
    })
    end({ state: 'good' })
    begin('root')
    const login = { user: sessions.user ?? settings.user ?? 'root', name: settings.name }
    const root = await findRoot(sessions, login, answers, patienceMs)
    end({ state: 'good', found: [login.user === 'root' ? 'The login is root.' : `${login.user} becomes root by sudo.`] })
    begin('xen')
    const facts = await readFacts(root, settings)
    end(xenStep(facts))
    begin('storage')
    end(storageStep(settings.storageRoot, facts))
    begin('tools')
    end(toolsStep(settings.name, facts))
  } catch (thrown) {
    if (!signal.aborted) end({ state: 'failed', problem: toProblem(thrown) })
  } finally {
    sessions?.close()
  }
}

async function readFacts(root: Root, { name, storageRoot }: HostSettings): Promise<HostFacts> {
  const startedAt = performance.now()
  const options = { timeoutMs: patienceMs }
  const { stdout, stderr, exitCode } = await root.run(['sh', '-c', probeScript, 'probe.sh', storageRoot], options)
  if (exitCode !== 0) throw commandFailed(name, 'probe.sh', exitCode, stderr.toString())
  // The clock is read at the end of the probe: half of a round trip would be a guess, and none is off by less than a second.
  return parseProbe(stdout.toString(), {
    hostName: name,
    at: Date.now(),
    latencyMs: Math.min(1000, performance.now() - startedAt),
  })
}

type Outcome = Pick<CheckupStep, 'state' | 'found' | 'hint'>

function xenStep(facts: HostFacts): Outcome {
  const found = [
    `Xen ${facts.xenVersion} on ${facts.system || 'an unknown system'}, Linux ${facts.kernel}.`,
    `${facts.memoryMb} MB of memory, ${facts.freeMemoryMb} MB free; guests of type ${facts.guestTypes.join(', ').toUpperCase()}.`,
  ]
  if (Math.abs(facts.clockSkewMs) < skewWarningMs) return { state: 'good', found }
  const seconds = Math.round(Math.abs(facts.clockSkewMs) / 1000)
  return {
    state: 'warning',
    found: [...found, `Its clock is ${seconds} s ${facts.clockSkewMs > 0 ? 'ahead of' : 'behind'} the one of this workstation.`],
    hint: 'Let both follow a time server: `timedatectl` on the host tells whether it does.',
  }
}

/** Where a guest's disks would be lost, or cannot be sparse, or cannot stand behind a loop device. */
const unfit: ReadonlyMap<string, string> = new Map([
  ...['tmpfs', 'ramfs', 'rootfs'].map((name) => [name, 'is memory, so everything in it goes with a reboot'] as const),
  ...['vfat', 'exfat', 'msdos', 'ntfs', 'ntfs3', 'fuseblk'].map((name) => [name, 'knows no sparse files'] as const),
  ...['nfs', 'nfs4', 'cifs', 'smb3', '9p'].map(
    (name) => [name, 'is on the network, where loop devices may hang and locks do not hold'] as const,
  ),
  ...['overlay', 'squashfs', 'iso9660'].map((name) => [name, 'does not keep what is written, or not as a disk must'] as const),
])

function storageStep(root: string, facts: HostFacts): Outcome {
  const { storageFileSystem: fileSystem, storageRoot: state } = facts
  const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const room = `${fileSystem || 'An unknown file system'}, ${gb(facts.storageFreeBytes)} of ${gb(facts.storageBytes)} free.`
  const another = 'Choose another storage root in the settings of this host.'
  if (state === 'not-folder')
    return { state: 'failed', found: [`${root}, or something above it, is not a folder.`], hint: another }
  if (state === 'read-only') {
    return {
      state: 'failed',
      found: [`${root} is mounted read-only.`, room],
      hint: `Mount it for writing, or choose another storage root.`,
    }
  }
  const reason = unfit.get(fileSystem)
  if (reason) return { state: 'failed', found: [`${root} is on ${fileSystem}, which ${reason}.`, room], hint: another }
  if (facts.storageFreeBytes < facts.storageBytes / 10) {
    return { state: 'warning', found: [room], hint: `Less than a tenth is free on ${root}. Layers grow as their guests write.` }
  }
  return state === 'missing'
    ? {
        state: 'warning',
        found: [`${root} is not there yet.`, room],
        hint: 'It is made with the first base. Mount a large disk there before, if you have one.',
      }
    : { state: 'good', found: [`${root}: ${room}`] }
}

function toolsStep(name: string, { missingTools, bridges }: HostFacts): Outcome {
  const bridged = bridges.length > 0 ? `Bridges: ${bridges.join(', ')}.` : 'There is no bridge: guests will have no network.'
  if (missingTools.length === 0) return { state: 'good', found: ['All tools that Domdeck uses are there.', bridged] }
  return {
    state: 'warning',
    found: [`${name} lacks ${missingTools.join(', ')}.`, bridged],
    hint: 'On Debian: apt-get install xenstore-utils util-linux e2fsprogs coreutils gawk.',
  }
}
