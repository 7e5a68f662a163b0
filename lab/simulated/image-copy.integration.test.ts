import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { withCuts } from '../../src-main/jobs/testing/faults'
import { tester } from '../../src-main/jobs/testing/launching'
import { findLeftovers } from '../../src-main/storage/leftovers'
import { until } from './testing/connect'
import { blockBytes, type CopyHosts, type Made, makeGeneration, startCopyHosts, talkBytes } from './testing/copy-hosts'

// What passes is encrypted twice in this one process.
vi.setConfig({ testTimeout: 120_000 })

let hosts: CopyHosts
const block = () => randomBytes(blockBytes)
/** The second half of it is a hole. */
const half = () => Buffer.concat([randomBytes(blockBytes / 2), Buffer.alloc(blockBytes / 2)])
const tail = () => randomBytes(1024 * 1024)
const first = [block(), undefined, half(), block(), tail()]
let made: Made

beforeAll(async () => {
  hosts = await startCopyHosts()
  made = makeGeneration(hosts.source, 'small', 1, first)
}, 60_000)
afterAll(() => hosts.stop())

const folderOf = (root: string, { base, generation }: Made) => join(root, 'bases', base, String(generation))
const dotFiles = () => readdirSync(hosts.target.root).filter((name) => name.startsWith('.'))
const file = (side: { root: string }, generation: Made, name: string) => readFileSync(join(folderOf(side.root, generation), name))

function expectSame(generation: Made): void {
  for (const name of ['root.img', 'vmlinuz', 'initrd.img']) {
    expect(file(hosts.target, generation, name).equals(file(hosts.source, generation, name)), name).toBe(true)
  }
}

/** Gone from the target, as if it had never been copied. */
function forget(generation: Made): void {
  rmSync(folderOf(hosts.target.root, generation), { recursive: true, force: true })
}

async function bothReady(): Promise<void> {
  await until(() => [hosts.source, hosts.target].every(({ host }) => host.connection.phase === 'ready'))
}

describe('a copy to another host', () => {
  it('is the same generation, with its holes, and says how far it is', async () => {
    const job = await hosts.copied(made)
    expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'succeeded', left: 'finished' })
    expectSame(made)
    const about = JSON.parse(file(hosts.target, made, 'base.json').toString())
    expect(about).toEqual({ ...JSON.parse(file(hosts.source, made, 'base.json').toString()), job: job.id })
    const { blocks } = statSync(join(folderOf(hosts.target.root, made), 'root.img'))
    // Two and a half of its blocks, and the tail.
    expect(blocks * 512).toBeLessThan(2.5 * blockBytes + 2 * 1024 * 1024)
    expect(hosts.sent()).toBeLessThan(3 * blockBytes + 1024 * 1024 + talkBytes)
    expect(job.ticks).toMatchObject([
      { name: 'small', state: 'done', note: expect.stringMatching(/^\d+ MB, through the workstation$/) },
    ])
    await hosts.target.host.refresh()
    expect(hosts.target.host.generations).toContainEqual(expect.objectContaining({ base: 'small', sha256: made.sha256 }))
    expect(dotFiles()).toEqual([])
    expect(readdirSync(join(hosts.target.simulated.folder, 'state/jobs', job.id))).not.toContain('feed')
  })

  it('brings of the next generation only the blocks that differ', async () => {
    const next = makeGeneration(hosts.source, 'small', 2, [...first.slice(0, 3), block(), first[4]])
    expect(await hosts.copied(next)).toMatchObject({ state: 'succeeded' })
    expectSame(next)
    expect(hosts.sent()).toBeGreaterThan(blockBytes)
    expect(hosts.sent()).toBeLessThan(blockBytes + talkBytes)
    forget(next)
  })

  it.each([
    ['source', () => hosts.source.simulated],
    ['target', () => hosts.target.simulated],
  ])('stays half when the %s is cut off, and the next one goes on where it stood', async (which, cut) => {
    const generation = makeGeneration(hosts.source, `cut-${which}`, 1, [block(), block(), undefined, tail()])
    const job = await hosts.start(generation)
    await new Promise<void>((resolve) => hosts.onSent((bytes) => bytes > 1.5 * blockBytes && resolve()))
    cut().cut()
    const failed = await hosts.ended(job)
    expect(failed).toMatchObject({
      state: 'failed',
      problem: { code: 'CONNECTION_LOST', hint: expect.stringContaining('is not sent again') },
    })
    await bothReady()
    expect(existsSync(folderOf(hosts.target.root, generation))).toBe(false)
    expect(dotFiles()).toEqual([`.copying-${job.id}`])
    expect(await findLeftovers(hosts.target.host)).toMatchObject([
      { kind: 'file', name: join(hosts.target.root, `.copying-${job.id}`) },
    ])

    const again = await hosts.copied(generation)
    expect(again, JSON.stringify(again.problem)).toMatchObject({ state: 'succeeded' })
    expectSame(generation)
    // At least the first block had come whole.
    expect(hosts.sent()).toBeLessThan(blockBytes + 1024 * 1024 + talkBytes)
    expect(dotFiles()).toEqual([])
    forget(generation)
  })

  it('that is killed stays half, and the next one goes on without a roll back', async () => {
    const generation = makeGeneration(hosts.source, 'killed', 1, [block(), block(), tail()])
    const job = await hosts.start(generation)
    await new Promise<void>((resolve) => hosts.onSent((bytes) => bytes > 1.5 * blockBytes && resolve()))
    const [pid = ''] = readFileSync(join(hosts.target.simulated.folder, 'state/jobs', job.id, 'pid'), 'utf8').split(' ')
    process.kill(Number(pid), 'SIGKILL')
    expect(await hosts.ended(job)).toMatchObject({ state: 'interrupted' })
    expect(existsSync(folderOf(hosts.target.root, generation))).toBe(false)
    const again = await hosts.copied(generation)
    expect(again, JSON.stringify(again.problem)).toMatchObject({ state: 'succeeded' })
    expect(hosts.sent()).toBeLessThan(blockBytes + 1024 * 1024 + talkBytes)
    expectSame(generation)
    // Its roll back has nothing left to do.
    await hosts.jobs.recover(hosts.target.host, job.id, tester)
    expectSame(generation)
    expect(dotFiles()).toEqual([])
    forget(generation)
  })

  it('whose half forgot in a power cut what it is the half of leaves nothing: nobody could go on with it', async () => {
    const generation = makeGeneration(hosts.source, 'forgetful', 1, [block(), block(), tail()])
    const job = await hosts.start(generation)
    await new Promise<void>((resolve) => hosts.onSent((bytes) => bytes > 1.5 * blockBytes && resolve()))
    const [pid = ''] = readFileSync(join(hosts.target.simulated.folder, 'state/jobs', job.id, 'pid'), 'utf8').split(' ')
    process.kill(Number(pid), 'SIGKILL')
    expect(await hosts.ended(job)).toMatchObject({ state: 'interrupted' })
    // A file that was written and never synced is there without a byte of it.
    writeFileSync(join(hosts.target.root, `.copying-${job.id}`, 'of'), '')
    await hosts.jobs.recover(hosts.target.host, job.id, tester)
    expect(dotFiles()).toEqual([])
  })

  it('that is cancelled leaves nothing', async () => {
    const generation = makeGeneration(hosts.source, 'cancelled', 1, [block(), block()])
    const job = await hosts.start(generation)
    await new Promise<void>((resolve) => hosts.onSent((bytes) => bytes > 1.5 * blockBytes && resolve()))
    await hosts.jobs.cancel(hosts.target.host, job.id, tester)
    expect(await hosts.ended(job)).toMatchObject({ state: 'cancelled', left: 'nothing' })
    expect(dotFiles()).toEqual([])
    expect(existsSync(join(hosts.target.root, 'bases/cancelled'))).toBe(false)
  })

  it('is there whole or not at all, wherever it is killed', async () => {
    const generation = makeGeneration(hosts.source, 'tiny', 1, [tail()])
    for (let at = 3; ; at += 11) {
      const job = await hosts.copied(generation, (text) => withCuts(text, [{ at, in: 'run', signal: 'KILL' }]))
      if (job.state === 'succeeded') break
      expect(job, JSON.stringify(job.problem)).toMatchObject({ state: 'interrupted' })
      if (existsSync(folderOf(hosts.target.root, generation))) expectSame(generation)
      await hosts.jobs.recover(hosts.target.host, job.id, tester)
      expect({ at, there: existsSync(folderOf(hosts.target.root, generation)) }).toEqual({ at, there: false })
    }
    expectSame(generation)
    expect(dotFiles()).toEqual([])
  })
})

describe('a copy is refused', () => {
  it('when the image is not what its base.json says, and nothing of it stays', async () => {
    const generation = makeGeneration(hosts.source, 'broken', 1, [undefined, tail()])
    writeFileSync(join(folderOf(hosts.source.root, generation), 'root.img'), 'x', { flag: 'r+' })
    expect(await hosts.copied(generation)).toMatchObject({
      state: 'failed',
      left: 'nothing',
      problem: { code: 'JOB_FAILED', detail: expect.stringContaining(`base.json says ${generation.sha256}`) },
    })
    expect(dotFiles()).toEqual([])
    expect(existsSync(join(hosts.target.root, 'bases/broken'))).toBe(false)
  })

  it('when the generation is there, with the same sha256 or with another one', async () => {
    expect((await hosts.copied(made)).problem).toMatchObject({ code: 'BUSY', detail: expect.stringContaining('already') })
    const other = makeGeneration(hosts.target, 'both', 1, [tail()])
    const generation = makeGeneration(hosts.source, 'both', 1, [tail()])
    const { problem, left } = await hosts.copied(generation)
    expect(problem).toMatchObject({ code: 'BUSY' })
    for (const sum of [other.sha256, generation.sha256]) expect(problem?.detail).toContain(sum)
    expect(left).toBe('nothing')
    expect(dotFiles()).toEqual([])
  })

  it('when a guest would roll back to a generation of that number which was deleted', async () => {
    const generation = makeGeneration(hosts.source, 'older', 1, [tail()])
    const guest = join(hosts.target.root, 'guests/old-one')
    mkdirSync(guest)
    writeFileSync(join(guest, 'guest.json'), '{"format":1,"name":"old-one","base":"older","generation":2,"previous":1}\n')
    expect((await hosts.copied(generation)).problem).toMatchObject({
      code: 'BUSY',
      detail: expect.stringContaining('old-one stood on'),
    })
    rmSync(guest, { recursive: true })
  })

  it('when it would not fit, is gone from the source, or the host is no dom0', async () => {
    const generation = makeGeneration(hosts.source, 'refused', 1, [tail()])
    const full = join(hosts.target.simulated.folder, 'xen/disk-used')
    writeFileSync(full, '100\n')
    expect((await hosts.copied(generation)).problem?.detail).toContain('are needed')
    rmSync(full)
    expect((await hosts.copied({ ...generation, sha256: 'f'.repeat(64) })).problem).toMatchObject({
      code: 'COMMAND_FAILED',
      detail: expect.stringContaining('sim-1 says: its generation 1 of refused has another sha256'),
    })
    expect((await hosts.copied({ ...generation, generation: 7 })).problem?.detail).toContain('has no generation 7 of refused')
    const withoutXl = (text: string) => text.replace('\nxl info >', '\nPATH=/usr/bin:/bin xl info >')
    expect((await hosts.copied(generation, withoutXl)).problem?.code).toBe('NOT_XEN')
    expect(dotFiles()).toEqual([])
  })

  it('when the source says what it should not, and nothing is written but what was asked for', async () => {
    const generation = makeGeneration(hosts.source, 'strange', 1, [tail()])
    const say = (...frames: string[]) => frames.map((frame) => `printf '%-127.127s\\n' '${frame}'`).join('\n')
    const sum = 'a'.repeat(64)
    for (const frames of [
      ['size 4', `sum ../../../evil 0 5 ${sum}`],
      ['size 4', `sum base.json 0 16777217 ${sum}`],
      ['size 4', `sum base.json 0 010 ${sum}`],
      ['size 4', `sum base.json 0 5 ${sum}`, `sum base.json 1 5 ${sum}`],
      ['size 4', `sum vmlinuz 0 5 ${sum}`],
      ['size 4', `sum base.json 0 5 ${sum}`, 'ready'],
      ['size $(touch /tmp/pwned)'],
      ['size 99999999999999999999'],
      ['SSH-2.0-OpenSSH'],
    ]) {
      hosts.serveInstead(say(...frames))
      const job = await hosts.copied(generation)
      expect({ frames, code: job.problem?.code }).toEqual({ frames, code: 'UNEXPECTED_OUTPUT' })
    }
    hosts.serveInstead(say('size 99999999999999'))
    expect((await hosts.copied(generation)).problem?.detail).toContain('are needed')
    hosts.serveInstead()
    expect(dotFiles()).toEqual([])
    expect(existsSync('/tmp/pwned')).toBe(false)
  })

  it('before anything starts, from the host itself, from one that is away and from one that is not ours', async () => {
    const start = (hostId: string, to = hosts.target) =>
      hosts.jobs.start(to.host, { operation: 'image.copy', input: { ...made, from: { hostId, name: 'it' } } }, tester)
    const id = hosts.source.host.settings.id
    await expect(start(id, hosts.source)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    hosts.source.host.disconnect()
    await expect(start(id)).rejects.toMatchObject({ code: 'HOST_NOT_READY' })
    hosts.source.host.connect()
    await bothReady()
  })
})
