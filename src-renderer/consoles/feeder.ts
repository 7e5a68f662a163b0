/** xterm looks at the clock between two writes and never within one: small ones keep the page answering. */
export const pieceBytes = 8 * 1024
/** One piece in this time while somebody types in another pane: every second frame is free of this one's drawing. */
export const politeMs = 33

type FeederOptions = {
  /** Hands bytes to the terminal; calls back when they are parsed. */
  write(piece: Uint8Array, parsed: () => void): void
  /** Bytes that are parsed now. */
  onParsed(count: number): void
  /** Whether somebody types in another pane just now: its echo must not wait for the flood of this one. */
  isPolite(): boolean
}

/**
 * Feeds a terminal in small pieces, in order, and all of them. What waits here is not acknowledged, so the host is held back:
 * no more than the high water mark can wait.
 */
export function createFeeder({ write, onParsed, isPolite }: FeederOptions): {
  push(bytes: Uint8Array): void
  /** No more will come: what waits is written at once. */
  flush(): void
} {
  const waiting: Uint8Array[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function pump(): void {
    timer = undefined
    for (let piece = waiting.shift(); piece; piece = waiting.shift()) {
      const count = piece.length
      write(piece, () => onParsed(count))
      if (waiting.length > 0 && isPolite()) {
        timer = setTimeout(pump, politeMs)
        return
      }
    }
  }

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += pieceBytes) waiting.push(bytes.subarray(at, at + pieceBytes))
      if (timer === undefined) pump()
    },
    flush() {
      clearTimeout(timer)
      timer = undefined
      for (const piece of waiting.splice(0)) write(piece, () => onParsed(piece.length))
    },
  }
}
