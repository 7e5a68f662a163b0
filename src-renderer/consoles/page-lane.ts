import { decodeFrame, encodeFrame } from '../../src-shared/console-frame'
import type { ByteLane } from '../../src-shared/duplex'

/** The console bytes of this page's connection, by stream. */
export type PageLane = {
  /** Hears a stream; what came before, since the stream was opened, comes first. */
  listen(stream: number, listener: (bytes: Uint8Array) => void): () => void
  input(stream: number, bytes: Uint8Array): void
  ack(stream: number, count: number): void
}

const lanes = new WeakMap<ByteLane, PageLane>()

/** The lane of a connection; the same one each time. */
export function pageLane(bytes: ByteLane): PageLane {
  const known = lanes.get(bytes)
  if (known) return known
  const listeners = new Map<number, (bytes: Uint8Array) => void>()
  // The number of a stream comes on the other half of the duplex and may be read later than its first bytes.
  const early = new Map<number, Uint8Array[]>()
  const ended = new Set<number>()
  bytes.onFrame((wire) => {
    const frame = decodeFrame(wire)
    if (frame?.kind !== 'data') return
    const listener = listeners.get(frame.stream)
    if (listener) listener(frame.bytes)
    else if (!ended.has(frame.stream)) early.set(frame.stream, [...(early.get(frame.stream) ?? []), frame.bytes])
  })
  const lane: PageLane = {
    listen(stream, listener) {
      listeners.set(stream, listener)
      for (const waiting of early.get(stream) ?? []) listener(waiting)
      early.delete(stream)
      return () => {
        listeners.delete(stream)
        ended.add(stream)
      }
    },
    input: (stream, text) => bytes.send(encodeFrame({ kind: 'input', stream, bytes: text })),
    ack: (stream, count) => bytes.send(encodeFrame({ kind: 'ack', stream, count })),
  }
  lanes.set(bytes, lane)
  return lane
}
