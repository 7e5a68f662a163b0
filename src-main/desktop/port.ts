import type { MessagePortMain } from 'electron'
import type { Duplex, Message } from '../../src-shared/duplex'

/** A duplex over a MessagePort; structured clone carries text and bytes as they are. */
export function portDuplex(port: MessagePortMain): Duplex {
  const messageListeners: ((message: Message) => void)[] = []
  port.on('message', ({ data }: { data: unknown }) => {
    // A page could post anything; only the two kinds of the protocol pass.
    if (typeof data === 'string' || data instanceof Uint8Array) for (const listener of messageListeners) listener(data)
  })
  port.start()
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void messageListeners.push(listener),
    onClose: (listener) => void port.on('close', listener),
  }
}
