import { afterEach, beforeEach, expect, it } from 'vitest'
import { Consoles } from '../../src-main/consoles/consoles'
import { Recordings } from '../../src-main/consoles/recordings'
import { Sequences } from '../../src-main/consoles/sequences'
import { openTestPage } from '../../src-main/consoles/testing/page'
import type { Guest } from '../../src-shared/models/guest'
import { builtInSequences, type Sequence, type SequenceRun } from '../../src-shared/models/sequence'
import { type SimulatedFleet, startSimulatedFleet } from './server'
import { type Connected, connect, until } from './testing/connect'

let fleet: SimulatedFleet
let connected: Connected
let consoles: Consoles
let sequences: Sequences
let runs: SequenceRun[] = []
let over: AbortController
beforeEach(async () => {
  runs = []
  over = new AbortController()
  fleet = await startSimulatedFleet({ hosts: 1, guests: 8 })
  connected = await connect(fleet.host('sim-1'))
  consoles = new Consoles(
    { get: () => connected.host, hosts: () => [connected.host], onHost: () => () => undefined },
    { lingerMs: 0, recordings: new Recordings('/nowhere'), isRecordedAlways: () => false },
  )
  sequences = new Sequences(consoles)
  const { signal } = over
  const watch = async (): Promise<void> => {
    for await (const now of sequences.watch(signal)) runs = now
  }
  void watch()
})
afterEach(async () => {
  over.abort()
  sequences.close()
  consoles.close()
  await connected.close()
  await fleet.stop()
})

const builtIn = (name: string) => builtInSequences.find((one) => one.name === name) as Sequence
const running = (): Guest[] => [...connected.host.guests.values()].filter(({ state }) => state === 'running')
const wanted = (guests: readonly Guest[]) => guests.map(({ hostId, id: guestId, name }) => ({ hostId, guestId, name }))
const answers = { user: 'root', password: 's3cret' }
const states = () => runs.at(-1)?.guests.map(({ state }) => state)

it('logs in to many guests at once and reports their addresses, without a pane and without keeping what was asked for', async () => {
  const guests = running()
  expect(guests.length).toBeGreaterThan(2)
  const { lane } = openTestPage(consoles)
  sequences.start({ sequence: builtIn('Log in after boot'), answers, guests: wanted(guests), who: 'ana' }, lane)
  await until(() => states()?.every((state) => state === 'succeeded') === true)
  sequences.start({ sequence: builtIn('Report the IP'), answers: {}, guests: wanted(guests), who: 'ana' }, lane)
  await until(() => runs.length === 2 && states()?.every((state) => state === 'succeeded') === true)
  for (const [index, guest] of guests.entries()) {
    expect(runs.at(-1)?.guests[index]?.results).toEqual({ address: `10.0.0.${guest.domid}` })
  }
  expect(JSON.stringify(runs)).not.toContain('s3cret')
})

it('runs beside a pane of the same page, which types again afterwards, and not where another page types', async () => {
  const [guest] = running()
  if (!guest) throw new Error('no guest runs')
  const page = openTestPage(consoles)
  const pane = await page.open('sim-1', guest.id)
  await until(() => pane.writes === true && pane.status?.state === 'attached')
  sequences.start({ sequence: builtIn('Log in after boot'), answers, guests: wanted([guest]), who: 'ana' }, page.lane)
  await until(() => states()?.[0] === 'succeeded')
  await until(() => pane.writes === true)
  pane.type('echo here\r')
  await until(() => /^here/m.test(pane.text))
  const { lane } = openTestPage(consoles)
  sequences.start({ sequence: builtIn('Report the IP'), answers: {}, guests: wanted([guest]), who: 'ben' }, lane)
  await until(() => states()?.[0] === 'failed')
  expect(runs.at(-1)?.guests[0]?.problem).toMatchObject({
    code: 'CONSOLE_BUSY',
    detail: expect.stringContaining('ana is typing'),
  })
})

it('ends when a person takes the console over, and when it is cancelled', async () => {
  const [guest] = running()
  if (!guest) throw new Error('no guest runs')
  const page = openTestPage(consoles)
  const pane = await page.open('sim-1', guest.id)
  await until(() => pane.writes === true && pane.status?.state === 'attached')
  const patient: Sequence = { name: 'Wait', fields: [], steps: [{ do: 'wait', text: 'never', regex: false, withinS: 600 }] }
  sequences.start({ sequence: patient, answers: {}, guests: wanted([guest]), who: 'ana' }, page.lane)
  await until(() => states()?.[0] === 'running')
  consoles.takeWriter(page.lane, pane.stream)
  await until(() => states()?.[0] === 'failed')
  expect(runs.at(-1)?.guests[0]?.problem?.detail).toContain('has taken the console over')
  const { id } = sequences.start({ sequence: patient, answers: {}, guests: wanted([guest]), who: 'ana' }, page.lane)
  await until(() => states()?.[0] === 'running')
  sequences.cancel(id)
  await until(() => states()?.[0] === 'cancelled')
  await until(() => pane.writes === true)
})

it('waits for a guest that is not there yet', async () => {
  const halted = [...connected.host.guests.values()].find(({ state }) => state === 'halted')
  if (!halted) throw new Error('every guest runs')
  const { lane } = openTestPage(consoles)
  sequences.start({ sequence: builtIn('Log in after boot'), answers, guests: wanted([halted]), who: 'ana' }, lane)
  await until(() => states()?.[0] === 'starting')
  await fleet.host('sim-1').run(['xl', 'create', '-q', halted.configPath ?? ''])
  await until(() => states()?.[0] === 'running')
  await until(() => states()?.[0] === 'succeeded')
})

it('says which step failed, what it waited for, and the last lines', async () => {
  const [guest] = running()
  if (!guest) throw new Error('no guest runs')
  const { lane } = openTestPage(consoles)
  const steps: Sequence['steps'] = [
    { do: 'wait', text: 'login: *$', regex: true, withinS: 60, enter: true },
    { do: 'wait', text: 'never', regex: false, withinS: 1 },
  ]
  sequences.start({ sequence: { name: 'Fails', fields: [], steps }, answers: {}, guests: wanted([guest]), who: 'ana' }, lane)
  await until(() => states()?.[0] === 'failed')
  const [failed] = runs.at(-1)?.guests ?? []
  expect(failed).toMatchObject({ step: 1, problem: { detail: 'Step 2: “never” did not come within 1 s.' } })
  expect(failed?.lastLines?.at(-1)).toContain(`${guest.name} login:`)
})

it('is refused before it begins without an answer, or with an expression that makes no sense', () => {
  const { lane } = openTestPage(consoles)
  const guests = wanted(running())
  expect(() =>
    sequences.start({ sequence: builtIn('Log in after boot'), answers: { user: 'root' }, guests, who: 'ana' }, lane),
  ).toThrow('needs the password')
  const broken: Sequence = { name: 'Broken', fields: [], steps: [{ do: 'wait', text: '(', regex: true, withinS: 1 }] }
  expect(() => sequences.start({ sequence: broken, answers: {}, guests, who: 'ana' }, lane)).toThrow('is not closed')
})
