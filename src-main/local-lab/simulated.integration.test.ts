import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSimulation } from './simulated'

const project = join(import.meta.dirname, '../..')
let folder: string
let program: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-bundle-'))
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  await build({
    configFile: false,
    root: project,
    logLevel: 'error',
    build: {
      ssr: 'lab/simulated/main.ts',
      outDir: join(folder, 'out'),
      rollupOptions: { output: { entryFileNames: 'simulated.mjs' } },
    },
  })
  program = join(folder, 'out/simulated.mjs')
})
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 50 }))

it('starts the bundled fleet, describes its hosts with their keys, and leaves nothing behind', async () => {
  const { hosts, stop } = await startSimulation({ hosts: 2, guests: 3 }, program)
  expect(hosts.map(({ name, address, user, simulated }) => ({ name, address, user, simulated }))).toEqual([
    { name: 'sim-1', address: '127.0.0.1', user: 'root', simulated: true },
    { name: 'sim-2', address: '127.0.0.1', user: 'root', simulated: true },
  ])
  for (const { hostKey } of hosts) expect(hostKey.toString('latin1')).toContain('ssh-ed25519')
  const home = dirname(hosts[0]?.keyPath ?? '')
  expect(existsSync(home)).toBe(true)
  await stop()
  expect(existsSync(home)).toBe(false)
  await stop()
})

it('takes acts on its input and answers them in order', () => {
  const acts = [
    '{"op":"crashGuest","host":"sim-1","name":"web-01"}',
    'no act',
    '{"op":"run","host":"sim-1","argv":["xl","list","web-01"]}',
  ]
  const args = [program, '--hosts', '1', '--guests', '2', '--dir', join(folder, 'fleet')]
  const [ready, ...answers] = execFileSync(process.execPath, args, { input: `${acts.join('\n')}\n`, encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(ready.hosts).toHaveLength(1)
  expect(answers.map(({ done }) => done)).toEqual([true, false, true])
  expect(answers[2].value.stdout).toContain('---sc-')
})

it('takes no folder that holds something', () => {
  expect(() => execFileSync(process.execPath, [program, '--dir', folder], { input: '', stdio: 'pipe' })).toThrow('is not empty')
  expect(existsSync(program)).toBe(true)
})

it('says what went wrong when it cannot start', async () => {
  await expect(startSimulation({ hosts: 1, guests: 1 }, join(folder, 'missing.mjs'))).rejects.toMatchObject({
    problem: { code: 'LAB_FAILED' },
  })
})
