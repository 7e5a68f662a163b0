import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProblemError } from '../../src-shared/problem'
import { knownLab, labStatus, type RealLab, type RealLabHost, startLab } from './real-lab'

// A pretend lab: the same scripts' names, words and exit status as lab/, in a few lines of sh.
let home: string
let lab: RealLab

const script = async (name: string, body: string): Promise<void> => {
  await writeFile(join(home, 'lab', name), `#!/bin/sh\ncd "${home}" || exit 1\n${body}\n`)
  await chmod(join(home, 'lab', name), 0o755)
}
const keyBlob = 'AAAAC3NzaC1lZDI1NTE5AAAAIDMAGvnWekPVCmNwtQmizPuvOUJ4I9zKNppq8RvXihd2'

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'domdeck-lab-test-'))
  await mkdir(join(home, 'lab'))
  await writeFile(join(home, 'host.pub'), `ssh-ed25519 ${keyBlob} dom0\n`)
  await script(
    'status',
    `built=false running=false keys='"key":null,"hostKey":null'
     [ ! -e built ] || { built=true keys='"key":"${home}/key","hostKey":"${home}/host.pub"'; }
     [ ! -e up ] || running=true
     printf '{"built":%s,"running":%s,"pid":null,"port":2345,%s}\\n' $built $running "$keys"`,
  )
  await script('build', "echo build >>ran; echo '[   1s] tiny kernel'; echo '[   2s] built'; : >built")
  await script('up', "echo up >>ran; echo '[   0s] dom0 answers'; : >up")
  // Where there is sudo and no root, it must say yes for these tests to speak of the lab alone.
  await mkdir(join(home, 'bin'))
  await writeFile(join(home, 'bin', 'sudo'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  lab = { folder: join(home, 'lab'), environment: { PATH: `${join(home, 'bin')}:/usr/bin:/bin` } }
})
afterEach(() => rm(home, { recursive: true }))

async function start(signal?: AbortSignal): Promise<{ lines: string[]; host: RealLabHost }> {
  const lines: string[] = []
  const events = startLab(signal, lab)
  for (;;) {
    const { value, done } = await events.next()
    if (done) return { lines, host: value }
    if (value.type === 'line') lines.push(value.text)
  }
}
const ran = async (): Promise<string[]> => (await readFile(join(home, 'ran'), 'utf8')).trim().split('\n')

describe('the real lab', () => {
  it('is built and started with its progress, and gives the host with its one key', async () => {
    const { lines, host } = await start()
    expect(lines).toEqual([
      'Building the lab, once: about five minutes',
      '[   1s] tiny kernel',
      '[   2s] built',
      '[   0s] dom0 answers',
    ])
    expect(host).toEqual({
      name: 'xen-lab',
      address: '127.0.0.1',
      port: 2345,
      user: 'root',
      keyPath: join(home, 'key'),
      storageRoot: '/srv/domdeck',
      simulated: false,
      hostKey: Buffer.from(keyBlob, 'base64'),
    })
    expect(await labStatus(lab)).toEqual({ possible: true, built: true, running: true })
  })

  it('is not built twice', async () => {
    await start()
    await start()
    expect(await ran()).toEqual(['build', 'up', 'up'])
  })

  it('is unknown before its first build, and known after it even when it does not run', async () => {
    expect(await knownLab(lab)).toBeUndefined()
    await writeFile(join(home, 'built'), '')
    expect(await knownLab(lab)).toMatchObject({ address: '127.0.0.1', port: 2345, hostKey: Buffer.from(keyBlob, 'base64') })
    expect(await labStatus(lab)).toEqual({ possible: true, built: true, running: false })
  })

  it('says why a build failed, with the end of its output', async () => {
    await script(
      'build',
      "echo 'E: Unable to fetch some archives' >&2; echo 'lab/build: apt-get could not install: gcc' >&2; exit 1",
    )
    const failed = (await start().catch((thrown: unknown) => thrown)) as ProblemError
    expect(failed.problem).toMatchObject({
      code: 'LAB_FAILED',
      detail: 'lab/build: apt-get could not install: gcc',
      context: { exitCode: 1, output: 'E: Unable to fetch some archives\nlab/build: apt-get could not install: gcc' },
    })
    expect((await labStatus(lab)).built).toBe(false)
  })

  it('says that it is not possible where its state cannot be read', async () => {
    await script('status', "echo 'lab/status: the folder x must be an absolute path' >&2; exit 1")
    expect(await labStatus(lab)).toEqual({
      possible: false,
      reason: 'The state of the local lab cannot be read: lab/status: the folder x must be an absolute path',
      built: false,
      running: false,
    })
    expect(await knownLab(lab)).toBeUndefined()
    await expect(start()).rejects.toMatchObject({ code: 'LAB_FAILED' })
  })

  it('ends the script and all that it started when it is aborted', async () => {
    const child = 'trap "echo stopped >>ran; exit" TERM; mkfifo never; echo begun; read line <never'
    await script('build', `sh -c '${child}' & wait`)
    const abort = new AbortController()
    const events = startLab(abort.signal, lab)
    await events.next()
    expect((await events.next()).value).toEqual({ type: 'line', text: 'begun' })
    abort.abort()
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError' })
    await vi.waitFor(async () => expect(await ran()).toEqual(['stopped']))
  })
})
