import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import { RecordedSource } from './recorded-source'
import { safeName } from './recording'
import { Recordings } from './recordings'
import type { SourceListener } from './source'

let data = ''
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'domdeck-recordings-'))
})
afterEach(() => rm(data, { recursive: true, force: true }))

const folder = (): string => join(data, 'recordings')
const size = { columns: 80, rows: 24 }

/** Reads asciicast version 2 as its specification says, and takes nothing else. */
function strict(text: string): { header: Record<string, unknown>; events: [number, string, string][] } {
  expect(text.endsWith('\n')).toBe(true)
  const [first = '', ...lines] = text.slice(0, -1).split('\n')
  const header = JSON.parse(first) as Record<string, unknown>
  expect(header.version).toBe(2)
  for (const field of ['width', 'height', 'timestamp']) expect(Number.isInteger(header[field])).toBe(true)
  let last = 0
  const events = lines.map((line) => {
    const event = JSON.parse(line) as [number, string, string]
    expect(event).toHaveLength(3)
    expect(event[0]).toBeGreaterThanOrEqual(last)
    last = event[0]
    expect(['o', 'i', 'r']).toContain(event[1])
    expect(typeof event[2]).toBe('string')
    if (event[1] === 'r') expect(event[2]).toMatch(/^\d+x\d+$/)
    return event
  })
  return { header, events }
}

async function onlyFile(): Promise<{ path: string; text: string }> {
  const [name = '', ...others] = await readdir(folder())
  expect(others).toEqual([])
  return { path: join(folder(), name), text: await readFile(join(folder(), name), 'utf8') }
}

it('what passes is one file in asciicast version 2, that nobody else may read', async () => {
  let clock = 5_000
  const recordings = new Recordings(folder())
  const file = recordings.begin({
    name: 'web-01',
    title: 'web-01 on dom0-a',
    size,
    clock: () => clock,
    now: () => new Date(2026, 10, 22, 3, 15, 0).getTime(),
  })
  file.resize({ columns: 100, rows: 30 })
  file.output(Buffer.from('root@web-01:~# \x1b[31m'))
  clock += 1_250.5
  file.input(Buffer.from('ls\r'))
  file.resize({ columns: 44, rows: 11 })
  file.resize({ columns: 44, rows: 11 })
  clock += 0.25
  file.output(Buffer.from('…'))
  await recordings.end(file)
  const { path, text } = await onlyFile()
  expect(path.endsWith('/recordings/web-01-20261122-031500.cast')).toBe(true)
  const { header, events } = strict(text)
  expect(header).toMatchObject({ width: 100, height: 30, title: 'web-01 on dom0-a' })
  expect(events).toEqual([
    [0, 'o', 'root@web-01:~# \x1b[31m'],
    [1.250_5, 'i', 'ls\r'],
    [1.250_5, 'r', '44x11'],
    [1.250_75, 'o', '…'],
  ])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(folder())).mode & 0o777).toBe(0o700)
})

it('characters that are cut by chunks are whole, and bytes that are none are marked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.array(fc.nat(8)), async (text, cuts) => {
      await rm(folder(), { recursive: true, force: true })
      const recordings = new Recordings(folder())
      const file = recordings.begin({ name: 'g', title: 'g', size })
      let rest: Uint8Array = Buffer.from(text)
      for (const cut of cuts) {
        file.output(rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
      file.output(rest)
      await recordings.end(file)
      const { events } = strict((await onlyFile()).text)
      expect(events.map(([, , part]) => part).join('')).toBe(Buffer.from(text).toString('utf8'))
    }),
    { numRuns: 30 },
  )
  await rm(folder(), { recursive: true, force: true })
  const recordings = new Recordings(folder())
  const file = recordings.begin({ name: 'g', title: 'g', size })
  file.output(Buffer.from([0xff, 0x61, 0xe2, 0x82]))
  await recordings.end(file)
  const { events } = strict((await onlyFile()).text)
  expect(events.map(([, , part]) => part).join('')).toBe('\ufffda\ufffd')
})

it('files are named after any guest, and never over another', async () => {
  for (const [name, safe] of [
    ['web-01', 'web-01'],
    ['../../etc/passwd', 'etc-passwd'],
    ['-rf $(reboot)', 'rf-reboot-'],
    ['.hidden', 'hidden'],
    ['日本\n', 'console'],
    ['', 'console'],
    ['a'.repeat(500), 'a'.repeat(80)],
  ] as const)
    expect(safeName(name)).toBe(safe)
  const recordings = new Recordings(folder())
  const files = [1, 2, 3].map(() => recordings.begin({ name: '../x', title: 'x', size, now: () => 0 }))
  for (const file of files) file.output(Buffer.from('hello'))
  await Promise.all(files.map((file) => recordings.end(file)))
  const names = await readdir(folder())
  expect(names).toHaveLength(3)
  for (const name of names) expect(name).toMatch(/^x-[\d-]+\.cast$/)
})

it('a console that says nothing leaves no file', async () => {
  const recordings = new Recordings(folder())
  const file = recordings.begin({ name: 'quiet', title: 'quiet', size })
  file.resize({ columns: 10, rows: 10 })
  await recordings.end(file)
  expect(await recordings.list()).toEqual([])
})

it('are listed newest first, read in pieces and deleted, but not while they go on', async () => {
  const recordings = new Recordings(folder())
  const file = recordings.begin({ name: 'web-02', title: 'web-02 on dom0-a', size })
  const text = 'é'.repeat(400_000)
  file.output(Buffer.from(text))
  await vi.waitFor(async () => expect(await recordings.list()).toMatchObject([{ title: 'web-02 on dom0-a', running: true }]))
  await writeFile(join(folder(), 'broken.cast'), 'no recording')
  await writeFile(join(folder(), 'note.txt'), 'not listed')
  await symlink('/etc/passwd', join(folder(), 'link.cast'))
  const [recording] = (await recordings.list()).filter(({ running }) => running)
  if (!recording) throw new Error('it is not listed')
  await expect(recordings.remove(recording.name)).rejects.toMatchObject({ code: 'BUSY' })
  await recordings.end(file)
  let read = ''
  for await (const piece of recordings.read(recording.name)) read += piece
  expect(strict(read).events[0]?.[2]).toBe(text)
  expect((await recordings.list()).map(({ name, title, running }) => [name, title, running])).toEqual(
    expect.arrayContaining([
      ['broken.cast', 'broken.cast', false],
      [recording.name, 'web-02 on dom0-a', false],
    ]),
  )
  await recordings.remove(recording.name)
  expect((await recordings.list()).map(({ name }) => name)).toEqual(['broken.cast'])
  for (const name of ['../known_hosts', 'link.cast', recording.name, '-x.cast', 'a/b.cast'])
    await expect(recordings.read(name).next()).rejects.toThrow()
})

/** A console whose other side is here. */
function console(options: { recordings: Recordings }) {
  let listener: SourceListener | undefined
  const written: string[] = []
  const held: boolean[] = []
  const problems: (ProblemError | undefined)[] = []
  const source = new RecordedSource(
    {
      name: 'web-03',
      attached: true,
      start: (one) => {
        listener = one
      },
      write: (bytes) => void written.push(Buffer.from(bytes).toString()),
      pause: () => void held.push(true),
      resume: () => void held.push(false),
      retry: async () => undefined,
      close: () => undefined,
    },
    {
      recordings: options.recordings,
      title: () => 'web-03 on dom0-a',
      onChange: (problem) => void problems.push(problem),
    },
  )
  const shown: Uint8Array[] = []
  source.start({ output: (chunk) => void shown.push(chunk), status: () => undefined, detached: () => undefined })
  return { source, say: (text: string) => listener?.output(Buffer.from(text)), shown, written, held, problems }
}

it('a console is recorded from when somebody says so, without what is typed', async () => {
  const recordings = new Recordings(folder())
  const { source, say, written } = console({ recordings })
  say('before ')
  source.record(false)
  say('Password: ')
  source.write(Buffer.from('secret\r'))
  say('welcome')
  await source.stopRecording()
  say(' after')
  const { text } = await onlyFile()
  expect(strict(text).events.map(([, code, part]) => [code, part])).toEqual([
    ['o', 'Password: '],
    ['o', 'welcome'],
  ])
  expect(written).toEqual(['secret\r'])
  await rm(folder(), { recursive: true })
  source.record(true)
  source.write(Buffer.from('ls\r'))
  await source.stopRecording()
  expect(strict((await onlyFile()).text).events.map(([, code, part]) => [code, part])).toEqual([['i', 'ls\r']])
})

it('ends at the limit of the folder with a word why, and the console goes on', async () => {
  const recordings = new Recordings(folder(), 100_000)
  const { source, say, shown, problems, held } = console({ recordings })
  source.record(false)
  for (let count = 0; count < 30; count++) {
    say('x'.repeat(10_000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await vi.waitFor(() => expect(problems.at(-1)).toBeInstanceOf(ProblemError))
  expect(problems.at(-1)?.problem).toMatchObject({ code: 'RECORDING_FAILED', hint: expect.stringContaining('Delete') })
  expect(source.recording).toBeUndefined()
  expect(shown).toHaveLength(30)
  expect(held.at(-1) ?? false).toBe(false)
  expect((await recordings.list()).reduce((total, { sizeBytes }) => total + sizeBytes, 0)).toBeLessThanOrEqual(100_000)
})

it('a folder that cannot be written to ends it with the reason', async () => {
  await writeFile(folder(), 'a file, and no folder')
  const recordings = new Recordings(folder())
  const { source, say, problems } = console({ recordings })
  source.record(false)
  say('hello')
  await vi.waitFor(() => expect(problems.at(-1)?.message).toContain('web-03 cannot be written'))
  expect(source.recording).toBeUndefined()
})

it('a console that is faster than the disk waits for it, and no byte is dropped', async () => {
  const recordings = new Recordings(folder())
  const { source, say, held } = console({ recordings })
  source.record(false)
  const piece = 'y'.repeat(1024 * 1024)
  for (let count = 0; count < 6; count++) say(piece)
  expect(held).toEqual([true])
  await vi.waitFor(() => expect(held).toEqual([true, false]))
  await source.stopRecording()
  const { text } = await onlyFile()
  expect(strict(text).events.reduce((total, [, , part]) => total + part.length, 0)).toBe(6 * 1024 * 1024)
})
