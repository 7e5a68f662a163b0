import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { tester } from '../../src-main/jobs/testing/launching'
import { untilJob } from '../../src-main/jobs/testing/watching'
import { haveAccounts, haveSshd } from '../../src-main/ssh/testing/sshd'
import type { Job } from '../../src-shared/models/job'
import { until } from './testing/connect'
import { blockBytes, type CopyHosts, type Made, makeGeneration, startCopyHosts, talkBytes } from './testing/copy-hosts'

// What passes is encrypted twice on this one machine.
vi.setConfig({ testTimeout: 120_000 })

const block = () => randomBytes(blockBytes)
const tail = () => randomBytes(1024 * 1024)

/** What still serves a copy from this storage root, or asks for one. */
const serving = (root: string) =>
  execFileSync('ps', ['-e', '-o', 'args='])
    .toString()
    .split('\n')
    .filter((line) => /^(sh -c|ssh -F none) .*serve-copy\.sh/.test(line) && line.includes(root))

describe.skipIf(!haveSshd)('a copy between hosts that reach each other', () => {
  let hosts: CopyHosts
  beforeAll(async () => {
    hosts = await startCopyHosts([{}, {}])
  }, 60_000)
  afterEach(() => until(() => serving(hosts.source.root).length === 0 && bothReady()))
  afterAll(() => hosts?.stop())

  const bothReady = () => [hosts.source, hosts.target].every(({ host }) => host.connection.phase === 'ready')
  const folder = ({ base, generation }: Made, { root } = hosts.target) => join(root, 'bases', base, String(generation))
  const image = (made: Made, side = hosts.target) => readFileSync(join(folder(made, side), 'root.img'))
  const dotFiles = () => readdirSync(hosts.target.root).filter((name) => name.startsWith('.'))
  const logOf = ({ id }: Job) => readFileSync(join(hosts.target.simulated.folder, 'state/jobs', id, 'log'), 'utf8')
  const where = () => `127.0.0.1:${hosts.source.sshd?.port}`
  /** The job once its first block has come. */
  const halfway = ({ id }: Job) => untilJob(hosts.jobs, id, ({ step, progress }) => step === 3 && (progress?.done ?? 0) >= 16)
  const forget = (made: Made) => rmSync(folder(made), { recursive: true })

  it('goes past the workstation, and says so', async () => {
    const made = makeGeneration(hosts.source, 'direct', 1, [block(), undefined, tail()])
    const log = () => hosts.source.sshd?.log().match(/Accepted publickey/g)?.length ?? 0
    const logins = log()
    const job = await hosts.copied(made)
    expect(job, JSON.stringify(job.problem)).toMatchObject({
      state: 'succeeded',
      result: { summary: `18 MB came directly: sim-2 reads from sim-1 at ${where()}` },
      ticks: [{ name: 'direct', state: 'done', note: '18 MB, directly' }],
    })
    expect(image(made).equals(image(made, hosts.source))).toBe(true)
    expect(hosts.sent()).toBe(0)
    expect(logOf(job)).toContain(`The blocks go directly: sim-2 reads from sim-1 at ${where()}.`)
    // One to see whether it can, one for the copy.
    expect(log() - logins).toBe(2)
    expect(dotFiles()).toEqual([])
  })

  it('brings of the next generation only the blocks that differ', async () => {
    const same = block()
    const first = makeGeneration(hosts.source, 'next', 1, [same, block()])
    const second = makeGeneration(hosts.source, 'next', 2, [same, block()])
    expect(await hosts.copied(first)).toMatchObject({ state: 'succeeded', result: { wanted: expect.stringMatching(/^335/) } })
    const job = await hosts.copied(second)
    expect(Number(job.result.wanted)).toBeLessThan(blockBytes + talkBytes)
    expect(image(second).equals(image(second, hosts.source))).toBe(true)
    expect(hosts.sent()).toBe(0)
  })

  it('is killed in the middle, and the next one goes on where it stood', async () => {
    const made = makeGeneration(hosts.source, 'killed', 1, [block(), block(), block(), tail()])
    const job = await hosts.start(made)
    await halfway(job)
    const [pid = ''] = readFileSync(join(hosts.target.simulated.folder, 'state/jobs', job.id, 'pid'), 'utf8').split(' ')
    process.kill(Number(pid), 'SIGKILL')
    expect(await hosts.ended(job)).toMatchObject({ state: 'interrupted' })
    const again = await hosts.copied(made)
    expect(again, JSON.stringify(again.problem)).toMatchObject({ state: 'succeeded' })
    expect(Number(again.result.wanted)).toBeLessThan(3 * blockBytes)
    expect(image(made).equals(image(made, hosts.source))).toBe(true)
    expect(hosts.sent()).toBe(0)
  })

  it('is cut in the middle, fails with the words of ssh, and goes on by the way that is there then', async () => {
    const made = makeGeneration(hosts.source, 'cut', 1, [block(), block(), block(), tail()])
    const job = await hosts.start(made)
    await halfway(job)
    hosts.source.sshd?.cut()
    expect(await hosts.ended(job)).toMatchObject({
      state: 'failed',
      problem: {
        code: 'CONNECTION_LOST',
        detail: expect.stringMatching(/too early: .*(closed by remote host|reset by peer|Broken pipe)/),
        hint: expect.stringContaining('is not sent again'),
      },
    })
    expect(existsSync(folder(made))).toBe(false)
    expect(dotFiles()).toEqual([`.copying-${job.id}`])
    await until(bothReady)
    // Nobody listens there.
    const again = await hosts.copied({ ...made, reach: '127.0.0.1:1' })
    expect(again, JSON.stringify(again.problem)).toMatchObject({
      state: 'succeeded',
      result: {
        summary: expect.stringContaining('through the workstation: sim-2 cannot reach sim-1 at 127.0.0.1:1: Connection refused'),
      },
    })
    expect(hosts.sent()).toBeGreaterThan(1024 * 1024)
    expect(hosts.sent()).toBeLessThan(3 * blockBytes)
    expect(image(made).equals(image(made, hosts.source))).toBe(true)
  })

  it('is cancelled, and leaves nothing', async () => {
    const made = makeGeneration(hosts.source, 'cancelled', 1, [block(), block(), block()])
    const job = await hosts.start(made)
    await halfway(job)
    await hosts.jobs.cancel(hosts.target.host, job.id, tester)
    expect(await hosts.ended(job)).toMatchObject({ state: 'cancelled', left: 'nothing' })
    expect(dotFiles()).toEqual([])
    expect(existsSync(folder(made))).toBe(false)
  })

  it('goes on when Domdeck goes', async () => {
    const made = makeGeneration(hosts.source, 'alone', 1, [block(), block(), block()])
    const job = await hosts.start(made)
    await halfway(job)
    hosts.target.sshd?.hangUp()
    await until(() => !bothReady())
    expect(await hosts.ended(job)).toMatchObject({ state: 'succeeded' })
    expect(hosts.sent()).toBe(0)
  })

  it('goes through the workstation when another host answers at the address, and nothing is signed for it', async () => {
    const made = makeGeneration(hosts.source, 'other', 1, [tail()])
    const job = await hosts.copied({ ...made, reach: `127.0.0.1:${hosts.target.sshd?.port}` })
    expect(job).toMatchObject({
      state: 'succeeded',
      result: { summary: expect.stringContaining('does not show the host key of sim-1') },
    })
    expect(hosts.sent()).toBeGreaterThan(1024 * 1024)
    forget(made)
  })

  it('says what it cannot find', async () => {
    const made = makeGeneration(hosts.source, 'named', 1, [tail()])
    const job = await hosts.copied({ ...made, reach: 'no-such-host.invalid:2222' })
    expect(job.result.summary).toMatch(
      /through the workstation: sim-2 cannot reach sim-1 at no-such-host\.invalid:2222: .*(Name|name)/,
    )
    forget(made)
  })
})

describe.skipIf(!haveAccounts)('a copy of a host on which Domdeck is not root', () => {
  const ada = { name: 'ada', password: 'open sesame' }
  const anything = ['Defaults !env_reset', 'ada ALL=(ALL) NOPASSWD: ALL']
  const byPassword = ['PasswordAuthentication yes', 'PubkeyAuthentication no']

  it.each([
    ['goes directly, by sudo there', {}, { account: { ...ada, sudoers: anything } }, 'directly: sim-2 reads from sim-1 at'],
    [
      'goes directly, by sudo on the host that copies',
      { account: { ...ada, sudoers: anything } },
      {},
      'directly: sim-2 reads from sim-1 at',
    ],
    [
      'goes through the workstation where sudo there wants a password',
      {},
      { account: { ...ada, sudoers: ['Defaults !env_reset', 'ada ALL=(ALL) ALL'] } },
      'through the workstation: sudo on sim-1 wants a password, which is not lent',
    ],
    [
      'goes through the workstation where the login there is by a password',
      {},
      { account: { ...ada, sudoers: anything }, config: byPassword },
      'through the workstation: Domdeck logs in to sim-1 with more than a public key, and lends no password',
    ],
  ])('%s', async (_what, target, source, words) => {
    const hosts = await startCopyHosts([source, target])
    try {
      const made = makeGeneration(hosts.source, 'sudo', 1, [tail()])
      const job = await hosts.copied(made)
      expect(job, JSON.stringify(job.problem)).toMatchObject({
        state: 'succeeded',
        result: { summary: expect.stringContaining(words) },
      })
      expect(hosts.sent() > 1024 * 1024).toBe(!words.startsWith('directly'))
    } finally {
      await hosts.stop()
    }
  })
})
