import { RPCHandler } from '@orpc/server/message-port'
import { type Duplex, splitDuplex } from '../../src-shared/duplex'
import type { Domdeck } from '../domdeck'
import { type PageWindow, router } from './router'

const handler = new RPCHandler(router)

/** Serves one page over its duplex until that closes: RPC on its text half, consoles on its byte half. `window` is the one that it is in, if ours. */
export function servePage(duplex: Duplex, domdeck: Domdeck, window?: PageWindow): void {
  const { rpc, bytes } = splitDuplex(duplex)
  handler.upgrade(rpc, { context: { domdeck, lane: domdeck.consoles.openLane(bytes), window } })
}
