import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CheckupPhase, CheckupStep } from '../../src-shared/models/checkup'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import type { Answers } from '../ssh/answers'
import { checkUp } from './checkup'
import type { HostServices } from './services'
import { fakeSessions, nothingThrough } from './testing/fake-sessions'

const info = readFileSync(new URL('../xen/fixtures/xen-4.17/xl-info.txt', import.meta.url), 'utf8')
const settings: HostSettings = {
  id: 'h1',
  name: 'xen-01',
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  storageRoot: '/srv/domdeck',
  simulated: false,
}
const answers: Answers = {
  recall: () => undefined,
  forget: () => undefined,
  ask: () => Promise.reject(new ProblemError('AUTH_FAILED', 'It asks.')),
  openedKeys: new Map(),
}

const tenth = 1_000_000
const good = {
  storage: `/dev/vda1 ext4 ${10 * tenth} 1 ${5 * tenth} 50% /`,
  root: 'folder',
  missing: [] as string[],
  clock: Date.now() / 1000,
}
const said = ({ storage, root, missing, clock }: typeof good): string =>
  [
    'info',
    info.trimEnd().replace(/^/gm, '|'),
    `storage ${storage}`,
    `root ${root}`,
    'bridge xenbr0',
    ...missing.map((tool) => `missing ${tool}`),
    'boot b',
    'up 1',
    `clock ${clock}`,
    '',
  ].join('\n')

/** Tests a host whose login goes through and whose probe says this; the last word on each phase, and the connection used. */
async function test(probe: string, dial?: HostServices['dial']) {
  const sessions = fakeSessions()
  const login = sessions.run
  sessions.run = async (argv, options) =>
    argv.includes('probe.sh') ? { stdout: Buffer.from(probe), stderr: Buffer.alloc(0), exitCode: 0 } : login(argv, options)
  const services: HostServices = {
    dial:
      dial ??
      (async (_settings, { onPhase, onNote }) => {
        for (const phase of ['resolving', 'connecting', 'host-key', 'auth'] as const) {
          onPhase(phase)
          onNote?.(`note of ${phase}`)
        }
        return sessions
      }),
    dialThrough: nothingThrough,
    addTrust: async () => undefined,
  }
  const seen: CheckupStep[] = []
  for await (const step of checkUp(settings, { services, answers })) seen.push(step)
  const last = new Map<CheckupPhase, CheckupStep>(seen.map((step) => [step.phase, step]))
  return { seen, last, sessions }
}

describe('a test of a connection', () => {
  it('goes from the name to the tools, says what each phase found, and leaves nothing open', async () => {
    const { seen, last, sessions } = await test(said(good))
    expect([...last.keys()]).toEqual(['resolving', 'connecting', 'host-key', 'auth', 'root', 'xen', 'storage', 'tools'])
    expect([...last.values()].map(({ state }) => state)).toEqual(Array(8).fill('good'))
    expect(seen.filter(({ state }) => state === 'running')).toHaveLength(8)
    expect(last.get('connecting')?.found).toEqual(['note of connecting'])
    expect(last.get('xen')?.found[0]).toContain('Xen 4.17.7')
    expect(sessions.closed).toBe(true)
  })

  it('stops at the phase that fails, with its problem', async () => {
    const { last } = await test('', async (_settings, { onPhase }) => {
      onPhase('resolving')
      onPhase('connecting')
      throw new ProblemError('CONNECTION_REFUSED', 'xen-01 refuses connections.')
    })
    expect(last.get('resolving')?.state).toBe('good')
    expect(last.get('connecting')).toMatchObject({ state: 'failed', problem: { code: 'CONNECTION_REFUSED' } })
    expect(last.size).toBe(2)
  })

  it.each([
    ['not-xen it is booted without the hypervisor\n', 'it is booted without the hypervisor'],
    [`not-ready ERROR:  Can't find version 4.14 of xen utils (maybe it was already removed)\n`, 'until it is rebooted'],
  ])('closes the connection to a host that is no dom0 (%#)', async (probe, words) => {
    const { last, sessions } = await test(probe)
    expect(last.get('xen')).toMatchObject({ state: 'failed', problem: { detail: expect.stringContaining(words) } })
    expect(sessions.closed).toBe(true)
  })

  it.each([
    [{ root: 'missing' }, 'warning', 'is not there yet'],
    [{ root: 'not-folder' }, 'failed', 'is not a folder'],
    [{ root: 'read-only' }, 'failed', 'read-only'],
    [{ storage: `tmpfs tmpfs ${10 * tenth} 1 ${9 * tenth} 1% /srv` }, 'failed', 'goes with a reboot'],
    [{ storage: `/dev/sdb1 vfat ${10 * tenth} 1 ${9 * tenth} 1% /srv` }, 'failed', 'knows no sparse files'],
    [{ storage: `nas:/x nfs4 ${10 * tenth} 1 ${9 * tenth} 1% /srv` }, 'failed', 'is on the network'],
    [{ storage: `/dev/vda1 ext4 ${10 * tenth} 1 ${tenth / 2} 95% /` }, 'warning', 'free'],
  ])('knows a storage root that will not do (%#)', async (change, state, words) => {
    const { last } = await test(said({ ...good, ...change }))
    const step = last.get('storage')
    expect(step?.state).toBe(state)
    expect(step?.found.join(' ')).toContain(words)
    expect(step?.hint).toBeTruthy()
  })

  it('names missing tools and a clock that is off', async () => {
    const { last } = await test(said({ ...good, missing: ['losetup'], clock: good.clock + 90 }))
    expect(last.get('tools')).toMatchObject({ state: 'warning', found: expect.arrayContaining(['xen-01 lacks losetup.']) })
    expect(last.get('xen')).toMatchObject({
      state: 'warning',
      found: expect.arrayContaining([expect.stringMatching(/90 s ahead/)]),
    })
  })

  it('ends, and gives up its dial, when nobody reads on', async () => {
    let given: AbortSignal | undefined
    const services: HostServices = {
      dial: (_settings, { signal }) => {
        given = signal
        return new Promise(() => undefined)
      },
      dialThrough: nothingThrough,
      addTrust: async () => undefined,
    }
    for await (const step of checkUp(settings, { services, answers })) {
      expect(step).toMatchObject({ phase: 'resolving', state: 'running' })
      break
    }
    expect(given?.aborted).toBe(true)
  })
})
