import { connect, createServer, type Socket } from 'node:net'

export type Cable = {
  port: number
  /** Bytes in both directions so far. */
  bytes(): number
  cut(): void
  mend(): void
  /** Connections of now carry nothing any more, and nobody is told, as when a machine sleeps or changes its network; new ones are not concerned. */
  freeze(): void
  remove(): void
}

/** A way to a server on loopback that can be cut, as by a firewall that answers with a reset, or fall silent. */
export async function layCable(to: number): Promise<Cable> {
  const sockets = new Set<Socket>()
  let whole = true
  let bytes = 0
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
      one.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    port: address.port,
    bytes: () => bytes,
    cut,
    mend: () => {
      whole = true
    },
    freeze: () => {
      for (const socket of sockets) {
        socket.unpipe()
        socket.removeAllListeners('data')
        socket.pause()
      }
    },
    remove: () => {
      cut()
      server.close()
    },
  }
}
