import { execFileSync, spawnSync } from 'node:child_process'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DomainEvent } from '../xen/events'
import { ControlShell } from './control-shell'
import { localProcess } from './testing/local-process'
import { makeStubDom0, type StubDom0 } from './testing/stub-dom0'

let dom0: StubDom0
let shell: ControlShell
let opened: ReturnType<typeof localProcess>[]
let events: DomainEvent[]
let jobs: string[]
beforeEach(async () => {
  dom0 = await makeStubDom0()
  opened = []
  events = []
  jobs = []
  shell = open()
})
afterEach(async () => {
  shell.close()
  await dom0.remove()
})

function open(greeting = ''): ControlShell {
  return new ControlShell({
    hostName: 'xen-01',
    open: async () => {
      const process = localProcess(['sh', '-c', `printf %s "$1"; exec sh`, 'sh', greeting], dom0.environment)
      opened.push(process)
      return process
    },
    functions: 'twice() ( printf "%s %s" "$1" "$1"; seen=$1; exit 4 )',
    killGroup: async (group) => process.kill(-group, 'SIGTERM'),
    onEvent: (event) => events.push(event),
    onJob: (jobId) => jobs.push(jobId),
  })
}

const answer = (stdout: string, stderr = '', exitCode = 0) => ({ stdout, stderr, exitCode })
const sh = (script: string, ...args: string[]) => shell.ask(['sh', '-c', script, 'sh', ...args])

describe('the control shell', () => {
  it('keeps output, errors and exit status apart', async () => {
    expect(await sh('echo out; echo err >&2; echo more; exit 5')).toEqual(answer('out\nmore\n', 'err', 5))
    expect(await sh('printf "no line end"')).toEqual(answer('no line end'))
    expect(await sh('printf "\\n\\n"')).toEqual(answer('\n\n'))
    expect(await shell.ask(['true'])).toEqual(answer(''))
    expect(await shell.ask(['no-such-program'])).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('not found') })
  })

  it('stays the same whatever a command does to its own', async () => {
    await shell.ask(['cd', '/tmp'])
    expect((await shell.ask(['exit', '9'])).exitCode).toBe(9)
    expect((await sh('kill -9 $$')).exitCode).toBe(137)
    expect(await shell.ask(['twice', 'a b'])).toEqual(answer('a b a b', '', 4))
    expect(await shell.ask(['pwd'])).toEqual(answer(`${process.cwd()}\n`))
    expect(opened).toHaveLength(1)
  })

  it('tells of each job that begins, as a line of its file is written', async () => {
    await shell.ask([':'])
    const ids = ['01KAHV6M00ZZZZZZZZZZZZZZZZ', '01KAHV6M01ZZZZZZZZZZZZZZZZ']
    const announce = (text: string) => appendFile(join(dom0.folder, 'run/jobs'), `${text}\n`)
    await announce(ids[0] ?? '')
    await announce('no job')
    await announce(ids[1] ?? '')
    await expect.poll(() => jobs.at(-1)).toBe(ids[1])
    expect(jobs).toEqual(ids)
    const news = Number(execFileSync('pgrep', ['-f', `tail .*${dom0.folder}/run/jobs`]))
    process.kill(news, 'SIGKILL')
    jobs.length = 0
    // Each answer looks whether it is still there; a new one begins with the last lines, for what was missed.
    await expect.poll(() => shell.ask([':']).then(() => [...jobs])).toEqual(ids)
    shell.close()
    await expect.poll(() => spawnSync('pgrep', ['-f', `tail .*${dom0.folder}/run/jobs`]).status).toBe(1)
  })

  it('gives a command nothing to read, least of all the next question', async () => {
    const both = Promise.all([shell.ask(['cat']), shell.ask(['echo', 'next'])])
    expect(await both).toEqual([answer(''), answer('next\n')])
  })

  it('answers in order, a hundred at once', async () => {
    const asked = Array.from({ length: 100 }, (_, index) => shell.ask(['echo', String(index)]))
    expect((await Promise.all(asked)).map(({ stdout }) => Number(stdout))).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    )
    expect(opened).toHaveLength(1)
  })

  it('hands over any argument as it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
          { minLength: 1, maxLength: 4 },
        ),
        async (args) => {
          const { stdout, exitCode } = await shell.ask(['printf', '%s\\n', ...args])
          expect({ stdout, exitCode }).toEqual({ stdout: args.map((arg) => `${arg}\n`).join(''), exitCode: 0 })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('puts no character in two, however the bytes come', async () => {
    const text = 'Größe 名 😀 '.repeat(20_000)
    expect((await sh('i=0; while [ $i -lt 20000 ]; do printf %s "$1"; i=$((i+1)); done', 'Größe 名 😀 ')).stdout).toBe(text)
  })

  it('is not misled by output that looks like the end of an answer', async () => {
    const fake = '\ndomdeck-000000000000000000000000 0\n\ndomdeck-000000000000000000000000 end\n'
    expect(await sh('printf %s "$1"; printf %s "$1" >&2', fake)).toEqual(answer(fake, fake.trimEnd()))
  })

  it('overhears what a login prints by itself', async () => {
    shell.close()
    shell = open('Welcome to xen-01!\nYou have mail.\n')
    expect(await shell.ask(['echo', 'x'])).toEqual(answer('x\n'))
  })

  it('hears the watches', async () => {
    await shell.ask(['true'])
    await vi.waitFor(() => expect(events).toEqual(['introduced', 'released']))
    await dom0.fire('@releaseDomain')
    await vi.waitFor(() => expect(events).toEqual(['introduced', 'released', 'released']))
  })

  it('says so when it is killed under a question, and opens again for the next', async () => {
    const question = sh('sleep 600')
    await vi.waitFor(() => expect(opened[0]?.pid).toBeGreaterThan(1))
    await vi.waitFor(async () => expect(await dom0.watchPid()).toBeGreaterThan(1))
    process.kill(-(opened[0]?.pid ?? 0), 'SIGKILL')
    await expect(question).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(await shell.ask(['echo', 'back'])).toEqual(answer('back\n'))
    expect(opened).toHaveLength(2)
  })

  it('asks nothing any more once it is closed', async () => {
    await shell.ask(['true'])
    const question = sh('sleep 600')
    shell.close()
    await expect(question).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(shell.ask(['true'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(opened).toHaveLength(1)
    if (opened[0]?.pid) process.kill(-opened[0].pid, 'SIGKILL')
  })
})
