import { Terminal } from '@xterm/xterm'
import { afterEach, expect, it, vi } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src-shared/console-frame'
import type { ByteLane } from '../../src-shared/duplex'
import type { ConsoleEvent } from '../../src-shared/models/console'
import type { Page } from '../api/client'
import { usePage } from '../api/page'
import { emptyLayout, open, orderedPanes } from './layout'
import { createSession } from './session'
import { useConsoles } from './store'

/** What a terminal is given to draw, and by what it says that it has. */
const { drawn } = vi.hoisted(() => ({ drawn: [] as { bytes: Uint8Array; parsed(): void }[] }))

// A terminal that nobody sees; it draws when the test says so.
vi.mock('./terminal', () => ({
  createTerminal: () => ({
    xterm: new Terminal({ allowProposedApi: true, logLevel: 'off' }),
    guard: { isAnswer: () => false },
    write: (bytes: Uint8Array, parsed: () => void) => drawn.push({ bytes, parsed }),
    setLive: () => undefined,
    dispose: () => undefined,
  }),
}))

afterEach(() => usePage.setState({ page: undefined }))

it('what is typed while the history is still drawn goes to the guest, and what answers its old questions does not', async () => {
  const layout = open(emptyLayout, [{ hostId: 'a', guestId: 'g', name: 'web-01' }], () => 'p')
  useConsoles.getState().arrange(() => layout)
  const sent: string[] = []
  let hear: (wire: Uint8Array) => void = () => undefined
  const bytes: ByteLane = {
    send: (wire) => {
      const frame = decodeFrame(wire)
      if (frame?.kind === 'input') sent.push(Buffer.from(frame.bytes).toString())
    },
    onFrame: (listener) => {
      hear = listener
    },
    onClose: () => undefined,
  }
  const history = new TextEncoder().encode('a question \x1b[c')
  async function* attach(): AsyncGenerator<ConsoleEvent> {
    yield { type: 'opened', stream: 1 }
    yield { type: 'history-end', bytes: history.length }
    yield { type: 'status', status: { state: 'attached', domid: 1 } }
    yield { type: 'writer', self: true }
    await new Promise(() => undefined)
  }
  const client = { settings: { about: async () => ({ user: 'ana' }) }, consoles: { attach: async () => attach() } }
  const pane = layout.panes.get(orderedPanes(layout)[0] ?? '')
  if (!pane) throw new Error('no pane')
  const session = createSession(pane)
  usePage.setState({ page: { bytes, client } as unknown as Page })
  session.start()
  await vi.waitFor(() => expect(useConsoles.getState().facts.get(pane.id)?.writer?.self).toBe(true))
  hear(encodeFrame({ kind: 'data', stream: 1, bytes: history }))
  expect(drawn).toHaveLength(1)
  session.terminal.xterm.input('7')
  session.typePaste('89')
  session.terminal.xterm.input('\x1b[?1;2c')
  expect(sent).toEqual(['7', '89'])
  drawn[0]?.parsed()
  session.terminal.xterm.input('x')
  expect(sent).toEqual(['7', '89', 'x'])
})
