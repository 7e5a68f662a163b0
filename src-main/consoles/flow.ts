import { highWaterBytes, lowWaterBytes } from '../../src-shared/console-frame'

/** How much of a console is kept and under way, in bytes. Only tests take other ones. */
export type FlowSizes = {
  /** What the ring keeps at least, once it has been given that much; it keeps and lets go of whole blocks. */
  ring: number
  block: number
  /** A pane is full above `high`, until it is below `low`. */
  high: number
  low: number
  /** This much goes to the panes at once; less waits for the end of the turn, for a message costs a page more than its bytes do. */
  message: number
}

export const flowSizes: FlowSizes = {
  ring: 1024 * 1024,
  block: 64 * 1024,
  high: highWaterBytes,
  low: lowWaterBytes,
  message: 64 * 1024,
}

/** What a pane has been sent and not yet parsed. `full` says to send no more for now. */
export type Flow = { readonly unackedBytes: number; readonly full: boolean }

export const emptyFlow: Flow = { unackedBytes: 0, full: false }

/** After sending: full above the high water mark. */
export function sent(flow: Flow, bytes: number, { high }: FlowSizes = flowSizes): Flow {
  const unackedBytes = flow.unackedBytes + bytes
  return { unackedBytes, full: flow.full || unackedBytes > high }
}

/**
 * After an acknowledgement: no longer full below the low water mark. The count never goes below zero, so that a page which
 * acknowledges too much gets no credit for later.
 */
export function acked(flow: Flow, bytes: number, { low }: FlowSizes = flowSizes): Flow {
  const unackedBytes = Math.max(0, flow.unackedBytes - bytes)
  return { unackedBytes, full: flow.full && unackedBytes >= low }
}

/** How much may still be sent before the pane is full: one byte more than the high water mark makes it so. */
export function room(flow: Flow, { high }: FlowSizes = flowSizes): number {
  return flow.full ? 0 : high + 1 - flow.unackedBytes
}
