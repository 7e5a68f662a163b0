import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { type DialOptions, dial } from './dial'
import type { DialPhase } from './errors'
import type { Target } from './jump'
import { formatKnownHostsLine } from './known-hosts'
import type { Link } from './link'
import { type FaultServer, type FaultServerOptions, makeKey, startFaultServer } from './testing/fault-server'
import { createTrustStore, HostKeyError, type TrustStore } from './trust'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo()
})

async function start(options: FaultServerOptions = {}): Promise<{ server: FaultServer; trust: TrustStore; ownFile: string }> {
  const server = await startFaultServer(options)
  cleanUp.push(() => server.stop())
  const ownFile = join(server.homeDir, 'own')
  return { server, ownFile, trust: createTrustStore({ homeDir: server.homeDir, ownFile }) }
}

async function reach(
  server: { port: number; homeDir: string },
  trust: TrustStore,
  more: Partial<DialOptions> = {},
  settings: Partial<Target> = {},
): Promise<Link> {
  const options = { trust, homeDir: server.homeDir, agentSocket: undefined, ...more }
  const link = await dial({ name: 'dom0', address: '127.0.0.1', port: server.port, user: 'root', ...settings }, options)
  cleanUp.push(() => link.close())
  return link
}

/** A TCP server that does with each connection what it is told. */
async function startTcp(onSocket: (socket: Socket) => void): Promise<{ port: number; homeDir: string }> {
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    onSocket(socket)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  const address = listener.address()
  return { port: typeof address === 'object' && address ? address.port : 0, homeDir: '/nonexistent' }
}

const noTrust = () => createTrustStore({ homeDir: '/nonexistent', ownFile: '/nonexistent/own' })

describe('trust in the host', () => {
  it('cannot be left out', () => {
    expectTypeOf<DialOptions>().toHaveProperty('trust').toEqualTypeOf<TrustStore>()
    expectTypeOf<Omit<DialOptions, 'trust'>>().not.toExtend<DialOptions>()
  })

  it('stops at an unknown key with its fingerprint, before any key of ours is offered; trusted, the next dial goes through', async () => {
    const { server, trust, ownFile } = await start()
    const refused = await reach(server, trust).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(HostKeyError)
    const { code, presented, message } = refused as HostKeyError
    expect(code).toBe('HOST_KEY_UNKNOWN')
    expect(presented.algorithm).toBe('ecdsa-sha2-nistp256')
    expect(presented.fingerprint).toMatch(/^SHA256:/)
    expect(message).toContain(presented.fingerprint)
    expect(presented.line).toBe(server.knownHostsLine)
    expect(server.refusals() + server.logins()).toBe(0)
    await trust.add(presented.line)
    expect(readFileSync(ownFile, 'utf8')).toContain(`${server.knownHostsLine} trusted by Domdeck on `)
    expect((await reach(server, trust)).lost).toBeUndefined()
  })

  it('stops hard at a changed key, naming file and line of the old one', async () => {
    const { server, trust } = await start()
    const file = join(server.homeDir, '.ssh', 'known_hosts')
    await writeFile(file, `# hosts\n${formatKnownHostsLine('127.0.0.1', server.port, makeKey().publicKey)}\n`)
    const refused = await reach(server, trust).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'HOST_KEY_CHANGED', message: expect.stringContaining(`line 2 of ${file}`) })
    expect(server.refusals() + server.logins()).toBe(0)
  })

  it('stops at a revoked key', async () => {
    const { server, trust } = await start()
    await writeFile(join(server.homeDir, '.ssh', 'known_hosts'), `${server.knownHostsLine}\n@revoked ${server.knownHostsLine}\n`)
    await expect(reach(server, trust)).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      message: expect.stringContaining('revoked'),
    })
  })

  it('may take its time to look keys up without the handshake timing out', async () => {
    const { server, trust } = await start()
    let release: () => void = () => undefined
    const thinking = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: TrustStore = { ...trust, lookup: (...args) => thinking.then(() => trust.lookup(...args)) }
    trust.pin('127.0.0.1', server.port, server.hostKey)
    const phases: DialPhase[] = []
    const dialled = reach(server, slow, { onPhase: (phase) => phases.push(phase) })
    // While the store thinks, the host is not even connected to: its patience and ours are not running.
    await new Promise((resolve) => setImmediate(resolve))
    expect(phases).toEqual(['resolving'])
    release()
    expect((await dialled).lost).toBeUndefined()
  })
})

describe('the phases of a dial', () => {
  it('are told in order, and one login is one authentication', async () => {
    const { server, trust } = await start()
    trust.pin('127.0.0.1', server.port, server.hostKey)
    const phases: DialPhase[] = []
    const link = await reach(server, trust, { onPhase: (phase) => phases.push(phase) })
    expect(phases).toEqual(['resolving', 'connecting', 'host-key', 'auth'])
    expect(server.logins()).toBe(1)
    expect(server.refusals()).toBe(0)
    expect(link.negotiated?.hostKey).toBe('ecdsa-sha2-nistp256')
  })

  it('says that a name does not resolve', async () => {
    const options = { trust: noTrust(), homeDir: '/nonexistent', agentSocket: undefined }
    // RFC 2606 keeps .invalid free of hosts.
    await expect(dial({ name: 'lab', address: 'dom0.invalid', port: 22, user: 'root' }, options)).rejects.toMatchObject({
      code: 'DNS_FAILED',
      message: expect.stringContaining('dom0.invalid'),
    })
  })

  it('says that the port is closed', async () => {
    const { server, trust } = await start()
    await server.stop()
    cleanUp.length = 0
    await expect(reach(server, trust)).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
      message: expect.stringContaining(`:${server.port}`),
    })
  })

  it('says that a host accepts connections but never greets, after the deadline of that phase', async () => {
    const silent = await startTcp(() => undefined)
    await expect(reach(silent, noTrust(), { deadlines: { 'host-key': 50 } })).rejects.toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
      message: expect.stringContaining('handshake'),
    })
  })

  it('says that a login hangs, after the deadline of that phase', async () => {
    const { server, trust } = await start({ onAuthentication: () => undefined })
    trust.pin('127.0.0.1', server.port, server.hostKey)
    await expect(reach(server, trust, { deadlines: { auth: 50 } })).rejects.toMatchObject({
      code: 'CONNECTION_TIMED_OUT',
      message: expect.stringContaining('login'),
    })
  })

  it('says that the host hangs up before its greeting (MaxStartups does)', async () => {
    const rude = await startTcp((socket) => socket.end())
    await expect(reach(rude, noTrust())).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      problem: { hint: expect.stringContaining('MaxStartups') },
    })
  })

  it('says that a reset came before the login', async () => {
    const rude = await startTcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
    await expect(reach(rude, noTrust())).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  })

  it('says that no SSH server answers there', async () => {
    const http = await startTcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nSSH: no\r\n\r\n')))
    await expect(reach(http, noTrust())).rejects.toMatchObject({
      problem: { code: expect.stringMatching(/UNEXPECTED_OUTPUT|CONNECTION_LOST/) },
    })
  })

  it.each(['connecting', 'host-key', 'auth'] as const)(
    'stops in phase %s when aborted, with the reason of the signal',
    async (when) => {
      const { server, trust } = await start({ onAuthentication: () => undefined })
      trust.pin('127.0.0.1', server.port, server.hostKey)
      const stop = new AbortController()
      const reason = new Error('never mind')
      const onPhase = (phase: DialPhase) => phase === when && stop.abort(reason)
      await expect(reach(server, trust, { signal: stop.signal, onPhase })).rejects.toBe(reason)
    },
  )
})

describe('old algorithms', () => {
  const old: FaultServerOptions = { algorithms: { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'] } }

  it('are not used unless asked for', async () => {
    const { server, trust } = await start(old)
    trust.pin('127.0.0.1', server.port, server.hostKey)
    await expect(reach(server, trust)).rejects.toMatchObject({ code: 'NO_COMMON_ALGORITHM' })
    expect(server.logins()).toBe(0)
  })

  it('serve a host that has nothing better, when asked for', async () => {
    const { server, trust } = await start(old)
    trust.pin('127.0.0.1', server.port, server.hostKey)
    const link = await reach(server, trust, {}, { legacyAlgorithms: true })
    expect(link.negotiated).toMatchObject({ kex: 'diffie-hellman-group14-sha1', cipher: 'aes128-cbc' })
  })
})
