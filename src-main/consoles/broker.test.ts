import { expect, it, vi } from 'vitest'
import { decodeFrame, highWaterBytes } from '../../src-shared/console-frame'
import { ConsoleBroker } from './broker'
import { GuestSource } from './guest-source'
import { openLane } from './lane'
import type { ConsoleHost } from './reader'

const guestId = '11111111-2222-4333-8444-555555555555'

/** A pane on a guest whose output the test gives. */
async function openPane() {
  let print: (chunk: Buffer) => void = () => undefined
  const pause = vi.fn()
  const process = {
    onStdout: (listener: typeof print) => {
      print = listener
    },
    onStderr: (listener: (chunk: Buffer) => void) => listener(Buffer.from('domdeck reader 1\n')),
    pause,
    close: vi.fn(),
    exited: new Promise<never>(() => undefined),
  }
  let changed: () => void = () => undefined
  const host = {
    settings: { id: 'dom0-a', name: 'dom0-a' },
    connection: { phase: 'ready' },
    guests: new Map([[guestId, { domid: 7 }]]),
    on: (event: string, listener: () => void) => {
      if (event === 'change') changed = listener
      return () => undefined
    },
    stream: async () => process,
  }
  const messages: number[] = []
  const lane = openLane({
    send(wire) {
      const frame = decodeFrame(wire)
      if (frame?.kind === 'data') messages.push(frame.bytes.length)
    },
    onFrame: () => undefined,
    onClose: () => undefined,
  })
  const source = new GuestSource(host as unknown as ConsoleHost, guestId, {
    mark: 'm',
    now: () => 0,
    elsewhere: () => [],
    move: () => false,
  })
  const broker = new ConsoleBroker(source, { lingerMs: 0, now: () => 0, hasKernel: true, onClosed: () => undefined })
  const pane = broker.attach(lane, 'ana')
  pane.start()
  for await (const event of pane.events) if (event.type === 'status' && event.status.state === 'attached') break
  const enter = (connection: object) => {
    Object.assign(host, { connection })
    changed()
  }
  return { broker, pane, messages, pause, process, enter, print: (bytes: number) => print(Buffer.alloc(bytes, 'x')) }
}

it('gives a pane in one message what the guest says in one turn', async () => {
  const { broker, messages, print } = await openPane()
  for (let chunk = 0; chunk < 40; chunk++) print(1_000)
  await vi.waitFor(() => expect(messages).toEqual([40_000]))
  print(1)
  await vi.waitFor(() => expect(messages).toEqual([40_000, 1]))
  broker.close()
})

it('holds a guest back that says too much in one turn, within that turn', async () => {
  const { broker, messages, pause, print } = await openPane()
  let printed = 0
  for (; pause.mock.calls.length === 0 && printed < 4 * highWaterBytes; printed += 1_000) print(1_000)
  expect(printed).toBeLessThan(highWaterBytes + 128 * 1024)
  expect(messages.reduce((sum, bytes) => sum + bytes, 0)).toBe(highWaterBytes + 1)
  broker.close()
})

it('keeps its reader while the host is silent, and shows what it says afterwards', async () => {
  const { broker, pane, messages, process, enter, print } = await openPane()
  const states: string[] = []
  void (async () => {
    for await (const event of pane.events) if (event.type === 'status') states.push(event.status.state)
  })()
  enter({ phase: 'waiting', held: true })
  enter({ phase: 'waiting', held: true })
  await vi.waitFor(() => expect(states).toEqual(['link-lost']))
  print(5)
  enter({ phase: 'ready' })
  await vi.waitFor(() => expect(states).toEqual(['link-lost', 'attached']))
  expect(messages).toEqual([5])
  expect(process.close).not.toHaveBeenCalled()
  enter({ phase: 'waiting', held: true })
  enter({ phase: 'waiting' })
  expect(process.close).toHaveBeenCalledOnce()
  broker.close()
})
