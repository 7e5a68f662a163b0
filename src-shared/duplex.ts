/** One message of the duplex: text carries RPC, bytes carry consoles. */
export type Message = string | Uint8Array

/** What both shells give: a MessagePort in Electron, a WebSocket in the browser. Ordered, reliable until closed. */
export type Duplex = {
  send(message: Message): void
  onMessage(listener: (message: Message) => void): void
  onClose(listener: () => void): void
}

type PortListener = (event: { data: unknown }) => void

/** The little of a MessagePort that oRPC's message-port adapter uses. */
export class TextPort {
  readonly #listeners = { message: new Set<PortListener>(), close: new Set<PortListener>() }

  constructor(private readonly duplex: Duplex) {}

  postMessage(data: unknown): void {
    if (typeof data !== 'string') throw new TypeError('The RPC lane carries text only; bytes belong on the console lane.')
    this.duplex.send(data)
  }

  addEventListener(type: string, listener: PortListener): void {
    if (type === 'message' || type === 'close') this.#listeners[type].add(listener)
  }

  dispatch(type: 'message' | 'close', data?: string): void {
    for (const listener of this.#listeners[type]) listener({ data })
  }
}

/** The byte half of a duplex. */
export type ByteLane = {
  send(frame: Uint8Array): void
  onFrame(listener: (frame: Uint8Array) => void): void
  onClose(listener: () => void): void
}

/** Divides a duplex into its text and its byte half, so that console bytes never pass through the RPC codec. */
export function splitDuplex(duplex: Duplex): { rpc: TextPort; bytes: ByteLane } {
  const rpc = new TextPort(duplex)
  const frameListeners = new Set<(frame: Uint8Array) => void>()
  const closeListeners = new Set<() => void>()
  duplex.onMessage((message) => {
    if (typeof message === 'string') rpc.dispatch('message', message)
    else for (const listener of frameListeners) listener(message)
  })
  duplex.onClose(() => {
    rpc.dispatch('close')
    for (const listener of closeListeners) listener()
  })
  return {
    rpc,
    bytes: {
      send: (frame) => duplex.send(frame),
      onFrame: (listener) => void frameListeners.add(listener),
      onClose: (listener) => void closeListeners.add(listener),
    },
  }
}
