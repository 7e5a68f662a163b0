import { type AddressInfo, connect, createServer } from 'node:net'

/** A port that leads to another one. */
export type Meter = {
  port: number
  /** What has passed so far, both ways. */
  bytes(): number
  /** When the first connection came, in epoch milliseconds; undefined before. */
  firstAt(): number | undefined
  /** As if no connection had come yet. */
  reset(): void
  close(): void
}

/** Opens a port on loopback that leads to port `to` and counts what passes. */
export async function startMeter(to: number): Promise<Meter> {
  let bytes = 0
  let firstAt: number | undefined
  const server = createServer({ noDelay: true }, (near) => {
    firstAt ??= Date.now()
    const far = connect({ port: to, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    firstAt: () => firstAt,
    reset: () => {
      firstAt = undefined
    },
    close: () => server.close(),
  }
}
