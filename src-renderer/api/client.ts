import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { DomdeckClient } from '../../src-shared/contract'
import { type ByteLane, splitDuplex } from '../../src-shared/duplex'
import { openDuplex } from './duplex'

/** One connection of the page to the main side. After `onLost` it is dead; the next one has a client and a lane of its own. */
export type Page = {
  client: DomdeckClient
  bytes: ByteLane
  onLost(listener: () => void): void
}

/** Connects once. Rejects when the main side is not there. */
export async function connectPage(): Promise<Page> {
  const duplex = await openDuplex()
  const { rpc, bytes } = splitDuplex(duplex)
  return {
    client: createORPCClient(new RPCLink({ port: rpc as unknown as MessagePort })),
    bytes,
    onLost: (listener) => duplex.onClose(listener),
  }
}
