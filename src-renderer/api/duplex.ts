import type { Duplex, Message } from '../../src-shared/duplex'

/** The scheme that the desktop shell serves the page under. */
const desktopProtocol = 'app:'

/** The preload posts the port once, possibly before anybody asks: it is listened for from the start. */
let desktopPort =
  typeof window !== 'undefined' && window.location.protocol === desktopProtocol
    ? new Promise<MessagePort>((resolve) => {
        window.addEventListener('message', function onMessage(event: MessageEvent<{ domdeck?: unknown } | null>) {
          const port = event.ports[0]
          if (event.source !== window || event.data?.domdeck !== 'port' || !port) return
          window.removeEventListener('message', onMessage)
          resolve(port)
        })
      })
    : undefined

/** Opens the page's one duplex: the port of the desktop shell, or a WebSocket to where the page came from. Rejects when nobody answers. */
export async function openDuplex(): Promise<Duplex> {
  if (desktopPort) {
    const port = desktopPort
    // There is one port a page load: the desktop's main side ends only with the app, so a lost one has no successor.
    desktopPort = new Promise(() => {})
    return portDuplex(await port)
  }
  const { protocol, host } = window.location
  return webSocketDuplex(new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/duplex`))
}

function webSocketDuplex(socket: WebSocket): Promise<Duplex> {
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('The connection to Domdeck could not be opened.')))
    socket.addEventListener('open', () =>
      resolve({
        // What is sent after the end goes nowhere; the close listeners tell of the end.
        send: (message) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(message as string | Uint8Array<ArrayBuffer>)
        },
        onMessage: (listener) =>
          socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) =>
            listener(typeof data === 'string' ? data : new Uint8Array(data)),
          ),
        onClose: (listener) => socket.addEventListener('close', () => listener()),
      }),
    )
  })
}

function portDuplex(port: MessagePort): Duplex {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.addEventListener('message', ({ data }: MessageEvent<Message>) => listener(data))
      port.start()
    },
    onClose: (listener) => port.addEventListener('close', () => listener()),
  }
}
