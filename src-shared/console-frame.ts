/**
 * Frames of the console lane: one byte of kind, four of stream number (big endian), then the payload.
 * `data` (to the page) and `input` (from it) carry terminal bytes; `ack` carries a 32-bit count of bytes that
 * xterm has parsed.
 */
export type ConsoleFrame =
  | { kind: 'data'; stream: number; bytes: Uint8Array }
  | { kind: 'input'; stream: number; bytes: Uint8Array }
  | { kind: 'ack'; stream: number; count: number }

const kinds = ['data', 'input', 'ack'] as const
const headerBytes = 5

/**
 * Stop sending to a pane that has this much unparsed, and start again below `lowWaterBytes`. xterm parses that much in some 40 ms, so
 * Ctrl+C takes hold at once. With a smaller window a pane runs dry while the host refills it, and is drawn more often for the same
 * bytes: a flood took half as long again with a quarter of it (docs/performance.md).
 */
export const highWaterBytes = 1024 * 1024
export const lowWaterBytes = 512 * 1024
/** A pane acknowledges at least this often: a message costs a page more than its bytes do. Must not exceed `lowWaterBytes`, or a paused console might never resume. */
export const ackEveryBytes = 128 * 1024

/** The frame as it goes over the wire. */
export function encodeFrame(frame: ConsoleFrame): Uint8Array {
  const payload = frame.kind === 'ack' ? 4 : frame.bytes.length
  const wire = new Uint8Array(headerBytes + payload)
  const view = new DataView(wire.buffer)
  wire[0] = kinds.indexOf(frame.kind)
  view.setUint32(1, frame.stream)
  if (frame.kind === 'ack') view.setUint32(headerBytes, frame.count)
  else wire.set(frame.bytes, headerBytes)
  return wire
}

/** The frame of a wire message, or undefined if it is none: a broken frame must not take the other panes down. */
export function decodeFrame(wire: Uint8Array): ConsoleFrame | undefined {
  const kind = kinds[wire[0] ?? -1]
  if (!kind || wire.length < headerBytes) return undefined
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength)
  const stream = view.getUint32(1)
  if (kind !== 'ack') return { kind, stream, bytes: wire.subarray(headerBytes) }
  return wire.length === headerBytes + 4 ? { kind, stream, count: view.getUint32(headerBytes) } : undefined
}
