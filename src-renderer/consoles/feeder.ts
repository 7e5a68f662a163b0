import type { Turn, Turns } from './turns'

/** xterm looks at the clock between two writes and never within one: small ones keep the page answering. */
export const pieceBytes = 8 * 1024

type FeederOptions = {
  /** Hands bytes to the terminal; calls back when they are parsed. */
  write(piece: Uint8Array, parsed: () => void): void
  /** Bytes that are parsed now. */
  onParsed(count: number): void
  /** Whether a person types in this pane just now: its echo waits for nobody's turn. */
  isFirst(): boolean
  turns: Turns
}

/** A terminal's bytes on their way into it. */
export type Feeder = {
  push(bytes: Uint8Array): void
  /** No more will come: what waits is written at once. */
  flush(): void
  /** What waits is for nobody any more. */
  drop(): void
}

/**
 * Feeds a terminal in small pieces, in order, and all of them. What waits here is not acknowledged, so the host is held back:
 * no more than the high water mark can wait.
 */
export function createFeeder({ write, onParsed, isFirst, turns }: FeederOptions): Feeder {
  const waiting: Uint8Array[] = []

  const writeAll = (): void => {
    for (const piece of waiting.splice(0)) write(piece, () => onParsed(piece.length))
  }

  // The next piece is written when the last one is parsed, within the same run of xterm's parser.
  const turn: Turn = (mayGoOn, done) => {
    const piece = waiting.shift()
    if (!piece) return done(false)
    write(piece, () => {
      onParsed(piece.length)
      if (waiting.length > 0 && mayGoOn()) turn(mayGoOn, done)
      else done(waiting.length > 0)
    })
  }

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += pieceBytes) waiting.push(bytes.subarray(at, at + pieceBytes))
      if (isFirst()) writeAll()
      else turns.take(turn)
    },
    flush() {
      turns.leave(turn)
      writeAll()
    },
    drop() {
      turns.leave(turn)
      waiting.length = 0
    },
  }
}
