import { highWaterBytes, lowWaterBytes } from '../../src-shared/console-frame'

/** What a pane has been sent and not yet parsed. `full` says to send no more for now. */
export type Flow = { readonly unackedBytes: number; readonly full: boolean }

export const emptyFlow: Flow = { unackedBytes: 0, full: false }

/** After sending: full above the high water mark. */
export function sent(flow: Flow, bytes: number): Flow {
  const unackedBytes = flow.unackedBytes + bytes
  return { unackedBytes, full: flow.full || unackedBytes > highWaterBytes }
}

/**
 * After an acknowledgement: no longer full below the low water mark. The count never goes below zero, so that a page which
 * acknowledges too much gets no credit for later.
 */
export function acked(flow: Flow, bytes: number): Flow {
  const unackedBytes = Math.max(0, flow.unackedBytes - bytes)
  return { unackedBytes, full: flow.full && unackedBytes >= lowWaterBytes }
}

/** How much may still be sent before the pane is full: one byte more than the high water mark makes it so. */
export function room(flow: Flow): number {
  return flow.full ? 0 : highWaterBytes + 1 - flow.unackedBytes
}
