import { decodeFrame, encodeFrame } from '../../src-shared/console-frame'
import type { ByteLane } from '../../src-shared/duplex'

/** What comes from the page for one of its panes. */
export type StreamEnd = {
  input(bytes: Uint8Array): void
  ack(bytes: number): void
  /** The page is gone. */
  close(): void
}

/** The console bytes of one page: many panes, each a numbered stream. */
export type ConsoleLane = {
  /** Gives the next number to a pane. On a lane that is closed already, it is closed at once. */
  open(end: StreamEnd): number
  forget(stream: number): void
  send(stream: number, bytes: Uint8Array): void
  /** The pane of this number on this lane. */
  get(stream: number): StreamEnd | undefined
}

/** Binds the byte half of a page's duplex to its panes. Broken frames and frames of panes that are gone are dropped. */
export function openLane(bytes: ByteLane): ConsoleLane {
  const ends = new Map<number, StreamEnd>()
  let lastStream = 0
  let closed = false
  bytes.onFrame((wire) => {
    const frame = decodeFrame(wire)
    const end = frame && ends.get(frame.stream)
    if (frame?.kind === 'input') end?.input(frame.bytes)
    else if (frame?.kind === 'ack') end?.ack(frame.count)
  })
  bytes.onClose(() => {
    closed = true
    for (const end of [...ends.values()]) end.close()
    ends.clear()
  })
  return {
    open(end) {
      lastStream += 1
      if (closed) end.close()
      else ends.set(lastStream, end)
      return lastStream
    },
    forget: (stream) => void ends.delete(stream),
    send(stream, piece) {
      if (!closed) bytes.send(encodeFrame({ kind: 'data', stream, bytes: piece }))
    },
    get: (stream) => ends.get(stream),
  }
}
