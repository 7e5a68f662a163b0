import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex as Socket } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Duplex } from '../../src-shared/duplex'
import { pageHeaders } from '../page/files'
import { isLoopbackHost, readCookie, WebSessions } from './session'
import { serveStatic } from './static'

/** Far above any request of ours; a page cannot make us hold more than this for one message. */
const maxMessageBytes = 4 * 1024 * 1024

export type WebShell = {
  port: number
  /** A URL that lets one browser in, once. */
  oneTimeUrl(): string
  close(): Promise<void>
}

/**
 * Serves the page and its duplex on 127.0.0.1 only.
 * @param options `port` 0 takes a free one; `folder` holds the built page; `onPage` gets the duplex of each page.
 */
export async function startWebShell(options: {
  port: number
  folder: string
  onPage: (duplex: Duplex) => void
}): Promise<WebShell> {
  const sessions = new WebSessions()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
  const cookieName = (): string => `domdeck-${port()}`
  const knows = (request: IncomingMessage): boolean => sessions.knows(readCookie(request.headers.cookie, cookieName()))

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value)
    if (!isLoopbackHost(request.headers.host))
      return refuse(response, 421, 'Domdeck answers to 127.0.0.1, localhost and [::1] only.')
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Only GET is served here.')
    const url = new URL(request.url ?? '/', 'http://localhost')
    const token = url.searchParams.get('token')
    if (token !== null) {
      const cookie = sessions.redeem(token)
      if (cookie) {
        response.setHeader('Set-Cookie', `${cookieName()}=${cookie}; HttpOnly; SameSite=Strict; Path=/`)
        response.writeHead(303, { Location: '/' }).end()
        return
      }
      if (!knows(request))
        return refuse(response, 403, 'This one-time address was used before. Press Enter in the terminal of Domdeck for another.')
    }
    if (!knows(request)) return refuse(response, 403, 'Open Domdeck with the one-time address that its terminal shows.')
    void serveStatic(options.folder, url.pathname, request, response)
  })

  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const { host, origin } = request.headers
    const allowed = request.url === '/duplex' && isLoopbackHost(host) && origin === `http://${host}` && knows(request)
    if (!allowed) return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (webSocket) => options.onPage(socketDuplex(webSocket)))
  })

  const port = (): number => {
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : options.port
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })

  return {
    port: port(),
    oneTimeUrl: () => `http://127.0.0.1:${port()}/?token=${sessions.issueToken()}`,
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(`${reason}\n`)
}

function socketDuplex(socket: WebSocket): Duplex {
  // A broken socket also closes; the close is what counts.
  socket.on('error', () => {})
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(message)
    },
    onMessage: (listener) => {
      socket.on('message', (data, isBinary) => {
        const bytes = Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data
        listener(isBinary ? bytes : Buffer.from(bytes).toString('utf8'))
      })
    },
    onClose: (listener) => void socket.on('close', listener),
  }
}
