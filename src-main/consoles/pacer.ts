import { setTimeout as wait } from 'node:timers/promises'

/**
 * The escape of xenconsole: alone in one read of its stdin it ends the console (4.17 tools/console/client; an option to change
 * it exists from 4.18 on). No byte of ours controls where those reads fall, so it is never sent.
 */
const escapeByte = 0x1d

/** Input as xenconsole can carry it: without its escape byte. The same object when there is none. */
export function withoutEscape(bytes: Uint8Array): Uint8Array {
  return bytes.includes(escapeByte) ? bytes.filter((byte) => byte !== escapeByte) : bytes
}

/** xenconsole reads 60 bytes at a time; a whole read every 16 ms is about a serial line of 38400 baud. */
export const paceBytes = 60
export const paceMs = 16

export type PaceOptions = {
  write(bytes: Uint8Array): void
  /** Resolves when the console takes input again; undefined while it does. Rejects when it never will. */
  held(): Promise<void> | undefined
  signal?: AbortSignal | undefined
  /** Waits; a test brings its own. Rejects with the signal's reason. */
  sleep?(ms: number, signal: AbortSignal | undefined): Promise<void>
}

/**
 * Sends bytes at a pace that a guest's tty can take: a tty that nobody reads keeps 4095 bytes of a line and drops the rest.
 * Each line goes by itself. Resolves when all is sent; rejects when the signal aborts, with what was sent so far sent.
 */
export async function pace(bytes: Uint8Array, { write, held, signal, sleep = sleepMs }: PaceOptions): Promise<void> {
  let rest = withoutEscape(bytes)
  while (rest.length > 0) {
    signal?.throwIfAborted()
    const holding = held()
    if (holding) {
      await holding
      continue
    }
    const piece = rest.subarray(0, pieceLength(rest))
    write(piece)
    rest = rest.subarray(piece.length)
    if (rest.length > 0) await sleep(paceMs, signal)
  }
}

function pieceLength(bytes: Uint8Array): number {
  const lineEnd = bytes.subarray(0, paceBytes).findIndex((byte) => byte === 0x0d || byte === 0x0a)
  return lineEnd < 0 ? paceBytes : lineEnd + 1
}

async function sleepMs(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(ms, undefined, signal ? { signal } : {})
}
