import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../src-shared/models/job'
import { operationCallSchema } from '../../src-shared/operations'
import { readRecords } from '../host/records'
import { type Operations, planCall } from '../jobs/define'
import { Jobs } from '../jobs/jobs'
import { withCuts } from '../jobs/testing/faults'
import { hasEnded, launchPlan, tester } from '../jobs/testing/launching'
import { type LocalHost, makeLocalHost } from '../jobs/testing/local-host'
import { untilJob } from '../jobs/testing/watching'
import { guestOperations } from './operations'

const operations = guestOperations as Partial<Operations> as Operations
const uuid = '3f0c6f4e-7a0e-4f1c-9d55-000000000001'
const about = { format: 1, name: 'web-1', uuid, base: 'debian-12', generation: 1, mode: 'overlay', job: '01' }

let host: LocalHost
let jobs: Jobs
let file: string
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-describe-'))
  host = makeLocalHost(folder)
  jobs = new Jobs(operations)
  file = join(host.root, 'guests/web-1/guest.json')
  mkdirSync(join(host.root, 'guests/web-1'), { recursive: true })
  writeFileSync(file, `${JSON.stringify(about)}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))

type Text = { tags: string[]; note: string }
const plan = (text: Text, more = {}) =>
  planCall(operations, { operation: 'guest.describe', input: { name: 'web-1', uuid, ...text, ...more } })
const ended = async (text: Text, more = {}): Promise<Job> =>
  untilJob(jobs, (await launchPlan(jobs, host, plan(text, more))).id, hasEnded)
const content = () => JSON.parse(readFileSync(file, 'utf8'))
const files = () => readdirSync(join(host.root, 'guests/web-1'))

describe('guest.describe', () => {
  it('writes tags and note beside what the file holds, and replaces them the next time', async () => {
    const first = { tags: ['prod', 'eu-west.1'], note: 'Rack 4.\n"Do not" reboot: $(reboot) `id` \\ ünïcode 🦜 \'\n\t-- end' }
    expect((await ended(first)).state).toBe('succeeded')
    expect(content()).toEqual({ ...about, ...first })
    // A note that looks like members of the file is a note.
    const second = { tags: [], note: '","tags":["x"],"note":"y","base":"other"\\' }
    expect((await ended(second)).state).toBe('succeeded')
    expect(content()).toEqual({ ...about, ...second })
    expect((await ended({ tags: ['a'], note: '' })).state).toBe('succeeded')
    expect(content()).toEqual({ ...about, tags: ['a'], note: '' })
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
    expect(files()).toEqual(['guest.json'])
  })

  it('keeps members that other operations wrote after it', async () => {
    writeFileSync(file, `${JSON.stringify({ ...about, tags: ['old'], note: 'a "quoted" \\ word', later: { x: [1, '}'] } })}\n`)
    expect((await ended({ tags: ['new'], note: 'n' })).state).toBe('succeeded')
    expect(content()).toEqual({ ...about, later: { x: [1, '}'] }, tags: ['new'], note: 'n' })
  })

  it('refuses another guest of the name, a guest that others made, and a file that somebody has edited', async () => {
    const other = await ended({ tags: ['a'], note: '' }, { uuid: uuid.replace(/1$/, '2') })
    expect(other).toMatchObject({ state: 'failed', problem: { code: 'NOT_FOUND' } })
    const theirs = await ended({ tags: ['a'], note: '' }, { name: 'by-hand' })
    expect(theirs.problem).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('Adopt it first') })
    expect(content()).toEqual(about)
    const edited = `{"uuid":"${uuid}",\n${JSON.stringify(about, undefined, 1).slice(1)}`
    writeFileSync(file, edited)
    expect((await ended({ tags: ['a'], note: '' })).problem?.code).toBe('UNEXPECTED_OUTPUT')
    expect(readFileSync(file, 'utf8')).toBe(edited)
    expect(existsSync(join(host.root, 'guests/by-hand'))).toBe(false)
  })

  it('leaves the old file or the new one, and nothing else, wherever it is killed', async () => {
    let killed = 0
    for (let at = 3; ; at += 2) {
      writeFileSync(file, `${JSON.stringify(about)}\n`)
      const text = { tags: ['t'], note: 'n' }
      const { id } = await launchPlan(jobs, host, plan(text), (script) => withCuts(script, [{ at, in: 'run', signal: 'KILL' }]))
      const job = await untilJob(jobs, id, hasEnded)
      if (job.state === 'succeeded') break
      killed += 1
      await jobs.recover(host, id, tester)
      expect([about, { ...about, ...text }]).toContainEqual(content())
      expect(files()).toEqual(['guest.json'])
    }
    expect(killed).toBeGreaterThan(3)
  }, 120_000)

  it('takes tags that are words, and notes of 4 kB of text', () => {
    const takes = (text: object) =>
      operationCallSchema.safeParse({ operation: 'guest.describe', input: { name: 'web-1', uuid, tags: [], note: '', ...text } })
        .success
    expect(takes({ tags: ['prod', 'eu-1', 'v1.2_x'], note: 'ü'.repeat(2048) })).toBe(true)
    for (const tag of ['', 'Prod', '-x', 'a b', 'a"', '$(reboot)', 'a,b', 'a'.repeat(33), 'é'])
      expect([tag, takes({ tags: [tag] })]).toEqual([tag, false])
    expect(takes({ tags: ['a', 'a'] })).toBe(false)
    expect(takes({ tags: Array.from({ length: 21 }, (_, index) => `t${index}`) })).toBe(false)
    expect(takes({ note: 'ü'.repeat(2049) })).toBe(false)
    for (const note of ['\0', '\u001b[31m', '\r']) expect(takes({ note })).toBe(false)
  })
})

describe('guest.json with a description', () => {
  const read = (more: object) => {
    const text = JSON.stringify({ ...about, ...more })
    const { guests, warnings } = readRecords([{ path: file, id: '1:1', sizeBytes: text.length, text }])
    return { guest: guests.get(uuid), warnings }
  }

  it('comes back as it was written', () => {
    expect(read({ tags: ['a'], note: 'b\nc' }).guest).toMatchObject({ tags: ['a'], note: 'b\nc' })
    expect(read({}).guest).toBeDefined()
  })

  it('never costs the guest, whatever somebody made of it', () => {
    expect(read({ tags: ['ok', 'Not Ok', 7, 'ok'] }).guest?.tags).toEqual(['ok'])
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (tags, note) => {
        expect(read({ tags, note }).guest).toMatchObject({ name: 'web-1' })
      }),
    )
  })
})
