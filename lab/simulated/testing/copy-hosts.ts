import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from '../../../src-main/host/host'
import { attendCopies } from '../../../src-main/images/feed-copy'
import { planCall } from '../../../src-main/jobs/define'
import { Jobs } from '../../../src-main/jobs/jobs'
import { hasEnded, launchPlan } from '../../../src-main/jobs/testing/launching'
import { untilJob } from '../../../src-main/jobs/testing/watching'
import { operations } from '../../../src-main/operations'
import { startSshd, type TestSshd } from '../../../src-main/ssh/testing/sshd'
import type { Job } from '../../../src-shared/models/job'
import type { OperationCall, OperationInput } from '../../../src-shared/operations'
import { type SimulatedHost, startSimulatedFleet } from '../server'
import { connect } from './connect'

export const blockBytes = 16 * 1024 * 1024
/** All a copy says besides the blocks themselves. */
export const talkBytes = 64 * 1024

/**
 * Two pretend hosts and the product between them, for tests of what goes from the one to the other. Behind their own servers, which forward no agent, all of
 * that goes through the product; behind real ones it can go directly.
 */
export type CopyHosts = {
  source: Side
  target: Side
  jobs: Jobs
  /** Bytes that the source has sent us since the last `start`; a listener hears each count. */
  sent(): number
  onSent(listener: (bytes: number) => void): void
  /** A script that the source runs in the place of serve-copy.sh from now on; without one, its own again. */
  serveInstead(script?: string): void
  /** Starts the copy of a generation to the target, with Domdeck between them; `change` may break its text on the way. */
  start(generation: Made, change?: (text: string) => string): Promise<Job>
  /** The same, to its end. */
  copied(generation: Made, change?: (text: string) => string): Promise<Job>
  ended(job: Job): Promise<Job>
  stop(): Promise<void>
}
export type Side = { simulated: SimulatedHost; host: Host; root: string; sshd: TestSshd | undefined }
/** A generation; `reach` is where the target finds the source. */
export type Made = { base: string; generation: number; sha256: string; sizeBytes: number; reach?: string }
type SshdOptions = NonNullable<Parameters<typeof startSshd>[0]>

export async function startCopyHosts(servers: readonly (SshdOptions | undefined)[] = []): Promise<CopyHosts> {
  const fleet = await startSimulatedFleet({ hosts: 2, guests: 1 })
  const sides = await Promise.all(
    fleet.hosts.map(async (simulated, index) => {
      const options = servers[index]
      const sshd =
        options && (await startSshd({ ...options, config: [await environmentOf(simulated), ...(options.config ?? [])] }))
      const connected = await connect(sshd ? behind(sshd, simulated) : simulated, options?.account?.password)
      return { simulated, sshd, connected, host: connected.host, root: simulated.description.storageRoot }
    }),
  )
  const [source, target] = sides
  if (!source || !target) throw new Error('There are no two hosts.')
  let sent = 0
  let impostor: string | undefined
  let listener: (bytes: number) => void = () => undefined
  const counted: Parameters<typeof attendCopies>[0] = (hostId) => {
    const side = hostId === source.host.settings.id ? source : target
    const { settings, connection, lendable } = side.host
    return {
      settings,
      connection,
      lendable,
      borrow: (lends) => side.host.borrow(lends),
      async stream(argv) {
        const served = impostor !== undefined && argv.includes('serve-copy.sh')
        const process = await side.host.stream(served ? ['sh', '-c', impostor ?? ''] : argv)
        if (side === source)
          process.onStdout((chunk) => {
            sent += chunk.length
            listener(sent)
          })
        return process
      },
    }
  }
  const attend = attendCopies(counted)
  const jobs = new Jobs(operations, attend)
  for (const { host } of sides) host.on('ready', () => void jobs.adopt(host).catch(() => undefined))
  const start: CopyHosts['start'] = async ({ base, generation, sha256, sizeBytes, reach }, change) => {
    sent = 0
    const from = { hostId: source.host.settings.id, name: source.host.settings.name, ...(reach ? { reach } : {}) }
    const input: OperationInput<'image.copy'> = { base, generation, sha256, sizeBytes, from }
    const call: OperationCall = { operation: 'image.copy', input }
    const attending = attend(target.host, call)
    const job = await launchPlan(jobs, target.host, planCall(operations, call), change)
    attending?.(job.id)
    return job
  }
  const ended = (job: Job): Promise<Job> => untilJob(jobs, job.id, hasEnded)
  return {
    source,
    target,
    jobs,
    sent: () => sent,
    onSent: (next) => {
      listener = next
    },
    serveInstead: (script) => {
      impostor = script
    },
    start,
    copied: async (...asked) => ended(await start(...asked)),
    ended,
    async stop() {
      await Promise.all(sides.map(({ connected }) => connected.close()))
      await Promise.all(sides.map(({ sshd }) => sshd?.stop()))
      await fleet.stop()
    },
  }
}

/** A pretend host as a real sshd shows it. */
const behind = (sshd: TestSshd, { description }: SimulatedHost): Pick<SimulatedHost, 'description'> => ({
  description: { ...description, port: sshd.port, user: sshd.user, keyPath: sshd.keyPath, hostKeyLine: sshd.knownHostsLine },
})

/** For sshd_config: what programs of a pretend host find in their environment. */
async function environmentOf(simulated: SimulatedHost): Promise<string> {
  const { stdout } = await simulated.run(['env', '-0'])
  const words = stdout.split('\0').filter((word) => word !== '')
  return `SetEnv ${words.map((word) => `"${word}"`).join(' ')}`
}

/** Puts a whole generation on a host, of blocks of 16 MB; undefined is one of zeros. */
export function makeGeneration({ root }: Side, base: string, generation: number, blocks: readonly (Buffer | undefined)[]): Made {
  const image = Buffer.concat(blocks.map((block) => block ?? Buffer.alloc(blockBytes)))
  const sha256 = createHash('sha256').update(image).digest('hex')
  const folder = join(root, 'bases', base, String(generation))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'root.img'), image)
  writeFileSync(join(folder, 'vmlinuz'), `kernel of ${base}\n`)
  writeFileSync(join(folder, 'initrd.img'), Buffer.concat([Buffer.from('initrd'), randomBytes(1000)]))
  const about = {
    format: 1,
    base,
    generation,
    sizeBytes: image.length,
    sha256,
    fileSystem: 'ext4',
    kernelVersion: '6.1.0',
    types: ['pv'],
    minMemoryMb: 96,
    source: '/root/it\'s a "disk".img',
    from: { guest: 'ana' },
    importedAt: 1_700_000_000_000,
    job: '01KAHM5ZB0SEEDEDBYSEEDFLEE',
  }
  writeFileSync(join(folder, 'base.json'), `${JSON.stringify(about)}\n`)
  return { base, generation, sha256, sizeBytes: image.length }
}
