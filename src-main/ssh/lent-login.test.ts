import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import ssh2, { type ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { LentLogin } from './lent-login'
import { isSignedBy, signerOf } from './signature'
import { WireReader, wireString, wireUint32 } from './wire'

function makeKey(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519'): ParsedKey {
  const bits = { ed25519: undefined, ecdsa: 521, rsa: 2048 }[type]
  for (;;) {
    const key = ssh2.utils.parseKey(ssh2.utils.generateKeyPairSync(type, bits ? { bits } : {}).private)
    // ssh2 1.17 makes an ed25519 key now and then that it cannot read back.
    if (!(key instanceof Error)) return key
  }
}

const hostKey = makeKey()
const session = randomBytes(32)

function lend(key = makeKey(), host = hostKey): { lent: LentLogin; key: ParsedKey } {
  const login = { user: 'root', address: '10.0.0.1', port: 22, hostKey: host.getPublicSSH() }
  return { key, lent: new LentLogin({ ...login, publicKey: key.getPublicSSH(), sign: signerOf({ key }) }) }
}

/** Asks, and resolves to the answer: its number and what follows. */
async function ask(agent: Duplex, ...request: Buffer[]): Promise<{ message: number; rest: Buffer }> {
  agent.write(wireString(Buffer.concat(request)))
  const [answer] = (await once(agent, 'data')) as [Buffer]
  const frame = new WireReader(answer).string()
  return { message: frame.readUInt8(0), rest: frame.subarray(1) }
}

type Bind = { by?: ParsedKey; of?: ParsedKey; on?: Buffer; forwarded?: number; algorithm?: string }
async function bind(agent: Duplex, { by = hostKey, of = by, on = session, forwarded = 0, algorithm = 'ssh-ed25519' }: Bind = {}) {
  const signature = await signerOf({ key: by })(on, algorithm)
  const shown = [of.getPublicSSH(), session, signature].map(wireString)
  return (await ask(agent, Buffer.of(27), wireString('session-bind@openssh.com'), ...shown, Buffer.of(forwarded))).message
}

type Login = { with: ParsedKey; id?: Buffer; kind?: number; user?: string; service?: string; method?: string; has?: number }
function userauth({ with: key, id = session, kind = 50, user = 'root', service = 'ssh-connection', ...more }: Login): Buffer[] {
  const { method = 'publickey', has = 1 } = more
  const head = [wireString(id), Buffer.of(kind), wireString(user), wireString(service), wireString(method), Buffer.of(has)]
  const algorithm = key.type === 'ssh-rsa' ? 'rsa-sha2-512' : key.type
  return [...head, wireString(algorithm), wireString(key.getPublicSSH())]
}
const sign = (agent: Duplex, key: ParsedKey, ...data: Buffer[]) =>
  ask(agent, Buffer.of(13), wireString(key.getPublicSSH()), wireString(Buffer.concat(data)), wireUint32(4))

describe('a lent login', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('shows its one key, and signs one login with it (%s)', async (type) => {
    const { lent, key } = lend(makeKey(type))
    const agent = lent.open()
    const { message, rest } = await ask(agent, Buffer.of(11))
    const listed = new WireReader(rest)
    expect([message, listed.uint32(), listed.string()]).toEqual([12, 1, key.getPublicSSH()])
    expect(await bind(agent)).toBe(6)
    const login = userauth({ with: key })
    const answer = await sign(agent, key, ...login)
    expect(answer.message).toBe(14)
    expect(isSignedBy(key.getPublicSSH(), Buffer.concat(login), new WireReader(answer.rest).string())).toBe(true)
    expect(lent.refusal).toBeUndefined()
  })

  it('signs for the method that names the host, and no other host in it', async () => {
    const method = 'publickey-hostbound-v00@openssh.com'
    for (const [named, message] of [
      [makeKey(), 5],
      [hostKey, 14],
    ] as const) {
      const { lent, key } = lend()
      const agent = lent.open()
      await bind(agent)
      const data = [...userauth({ with: key, method }), wireString(named.getPublicSSH())]
      expect((await sign(agent, key, ...data)).message).toBe(message)
    }
  })

  it('signs once, on whatever connection', async () => {
    const { lent, key } = lend()
    const agents = [lent.open(), lent.open()]
    for (const agent of agents) expect(await bind(agent)).toBe(6)
    const messages = await Promise.all(agents.map(async (agent) => (await sign(agent, key, ...userauth({ with: key }))).message))
    expect(messages.sort()).toEqual([14, 5])
    expect(lent.refusal).toBe('it had been used already')
  })

  it.each<[string, Bind]>([
    ['another host', { by: makeKey() }],
    ['a host that did not sign', { by: makeKey(), of: hostKey }],
    ['another session than the one that was signed', { on: randomBytes(32) }],
    ['a host to forward it to', { forwarded: 1 }],
  ])('refuses %s, and then to sign', async (_what, shown) => {
    const { lent, key } = lend()
    const agent = lent.open()
    expect(await bind(agent, shown)).toBe(5)
    expect((await sign(agent, key, ...userauth({ with: key }))).message).toBe(5)
  })

  it.each(['ecdsa', 'rsa'] as const)('knows the signature of a host with a key of %s from a wrong one', async (type) => {
    const host = makeKey(type)
    const algorithm = type === 'rsa' ? 'rsa-sha2-256' : 'ecdsa-sha2-nistp521'
    expect(await bind(lend(makeKey(), host).lent.open(), { by: host, algorithm })).toBe(6)
    expect(await bind(lend(makeKey(), host).lent.open(), { by: host, algorithm, on: randomBytes(32) })).toBe(5)
  })

  it('refuses a second session on one connection', async () => {
    const { lent } = lend()
    const agent = lent.open()
    expect(await bind(agent)).toBe(6)
    expect(await bind(agent)).toBe(5)
  })

  it('signs nothing before a session is shown, as an ssh before 8.9 does not', async () => {
    const { lent, key } = lend()
    expect((await sign(lent.open(), key, ...userauth({ with: key }))).message).toBe(5)
    expect(lent.refusal).toContain('since 8.9')
  })

  it.each<[string, (key: ParsedKey) => Buffer[]]>([
    ['another session', (key) => userauth({ with: key, id: randomBytes(32) })],
    ['another user', (key) => userauth({ with: key, user: 'ana' })],
    ['another service', (key) => userauth({ with: key, service: 'ssh-userauth' })],
    ['another method', (key) => userauth({ with: key, method: 'hostbased' })],
    ['another message', (key) => userauth({ with: key, kind: 80 })],
    ['a question without a signature', (key) => userauth({ with: key, has: 0 })],
    ['another key inside', () => userauth({ with: makeKey() })],
    ['more behind it', (key) => [...userauth({ with: key }), Buffer.from('more')]],
    ['less than a login', (key) => [Buffer.concat(userauth({ with: key })).subarray(0, -1)]],
    ['nothing', () => []],
    ['a file (SSHSIG)', () => [Buffer.from('SSHSIG'), randomBytes(100)]],
  ])('does not sign %s, and still serves the login', async (_what, data) => {
    const { lent, key } = lend()
    const agent = lent.open()
    await bind(agent)
    expect((await sign(agent, key, ...data(key))).message).toBe(5)
    expect((await sign(agent, makeKey(), ...userauth({ with: key }))).message).toBe(5)
    expect((await sign(agent, key, ...userauth({ with: key }))).message).toBe(14)
  })

  it('answers what makes no sense with a refusal, and hangs up on what is no request', async () => {
    const { lent } = lend()
    const agent = lent.open()
    for (const request of [[0], [1], [13], [17, 0, 0], [25], [27, 255, 255, 255, 255], [11, 0]])
      expect({ request, ...(await ask(agent, Buffer.from(request))) }).toMatchObject({ request, message: 5 })
    expect((await ask(agent, Buffer.of(27), wireString('query'))).message).toBe(5)
    for (const start of [wireUint32(0), wireUint32(2 ** 32 - 1), wireUint32(32 * 1024 + 1)]) {
      const other = lent.open()
      other.resume().write(start)
      await once(other, 'end')
    }
  })

  it('reads requests in whatever pieces they come, and answers them in order', async () => {
    const { lent } = lend()
    const agent = lent.open()
    const bytes = Buffer.concat([wireString(Buffer.of(11)), wireString(Buffer.of(99)), wireString(Buffer.of(11))])
    const answers: Buffer[] = []
    agent.on('data', (chunk: Buffer) => answers.push(chunk))
    for (const byte of bytes) agent.write(Buffer.of(byte))
    agent.end()
    await once(agent, 'end')
    expect(answers.map((answer) => answer.readUInt8(4))).toEqual([12, 5, 12])
  })
})
