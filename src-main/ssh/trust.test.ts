import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint, formatKnownHostsLine } from './known-hosts'
import { createTrustStore, type TrustStore } from './trust'

/** A stand-in for a key: the type field is all that trust looks into. */
function fakeKey(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(type.length)
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed)])
}

const ed25519 = fakeKey('ssh-ed25519', 'one')
const other = fakeKey('ssh-ed25519', 'two')
const rsa = fakeKey('ssh-rsa', 'one')

let folder: string
let userFile: string
let ownFile: string
let trust: TrustStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-trust-'))
  mkdirSync(join(folder, '.ssh'))
  userFile = join(folder, '.ssh', 'known_hosts')
  ownFile = join(folder, 'data', 'known_hosts')
  trust = createTrustStore({ homeDir: folder, ownFile, systemFolder: folder })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Domdeck's own file without the times. */
const written = () => readFileSync(ownFile, 'utf8').replaceAll(/ trusted by Domdeck on 20\d\d-[0-9T:.-]+Z$/gm, '')

const judge = async (key: Buffer, port = 22) => (await trust.lookup('dom0', port)).judge(key)

describe('judging a host key', () => {
  it('knows nothing at first, without any file', async () => {
    expect(await judge(ed25519)).toMatchObject({ verdict: 'unknown', others: [], authority: undefined })
  })

  it('trusts a key of the user’s known_hosts and one it was told to add', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(await judge(ed25519)).toEqual({ verdict: 'trusted' })
    await trust.add(formatKnownHostsLine('dom0', 22, rsa))
    expect(await judge(rsa)).toEqual({ verdict: 'trusted' })
  })

  it('calls another key of a known type changed, and says where the old one is', async () => {
    writeFileSync(userFile, `# comment\n${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(await judge(other)).toEqual({ verdict: 'changed', place: { file: userFile, line: 2, keyType: 'ssh-ed25519' } })
  })

  it('calls a key of a new type unknown, names the other, and asks for the known type first', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, rsa)}\n`)
    const known = await trust.lookup('dom0', 22)
    expect(known.keyTypes).toEqual(['ssh-rsa'])
    expect(known.judge(ed25519)).toMatchObject({ verdict: 'unknown', others: [{ file: userFile, line: 1, keyType: 'ssh-rsa' }] })
  })

  it('never trusts a revoked key, even where another line trusts it', async () => {
    writeFileSync(
      userFile,
      `${formatKnownHostsLine('dom0', 22, ed25519)}\n@revoked * ssh-ed25519 ${ed25519.toString('base64')}\n`,
    )
    expect(await judge(ed25519)).toMatchObject({ verdict: 'revoked', place: { line: 2 } })
  })

  it('does not take a certificate authority for a host key', async () => {
    writeFileSync(userFile, `@cert-authority * ssh-ed25519 ${ed25519.toString('base64')}\n`)
    const place = { file: userFile, line: 1, keyType: 'ssh-ed25519' }
    expect(await judge(ed25519)).toEqual({ verdict: 'unknown', others: [], authority: place })
  })

  it('keeps ports apart, but takes the same key under the bare name, as OpenSSH does', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(await judge(ed25519, 2222)).toEqual({ verdict: 'trusted' })
    expect(await judge(other, 2222)).toMatchObject({ verdict: 'unknown', others: [], authority: undefined })
  })

  it('holds a pinned host to its one key, whatever the files say', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, other)}\n`)
    trust.pin('dom0', 22, ed25519)
    expect(await judge(ed25519)).toEqual({ verdict: 'trusted' })
    expect(await judge(other)).toMatchObject({ verdict: 'changed' })
    expect(await judge(rsa)).toMatchObject({ verdict: 'changed' })
  })

  it('sees at once when a line is removed by hand', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(await judge(other)).toMatchObject({ verdict: 'changed' })
    writeFileSync(userFile, '')
    expect(await judge(other)).toMatchObject({ verdict: 'unknown' })
  })

  it('stops when a file cannot be read, instead of calling a changed key unknown', async () => {
    mkdirSync(userFile)
    await expect(trust.lookup('dom0', 22)).rejects.toMatchObject({
      code: 'SETTINGS_UNREADABLE',
      message: expect.stringContaining(userFile),
    })
  })
})

describe('adding a host key', () => {
  it('writes Domdeck’s own file only, readable by its owner only, and leaves no file beside it', async () => {
    writeFileSync(userFile, 'untouched')
    await trust.add(formatKnownHostsLine('dom0', 22, ed25519))
    expect(written()).toBe(`${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(statSync(ownFile).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'data'))).toEqual(['known_hosts'])
    expect(readFileSync(userFile, 'utf8')).toBe('untouched')
  })

  it('keeps what is there, loses none of many additions at once, and adds none twice', async () => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(ownFile, '# kept, without a newline')
    const lines = Array.from({ length: 20 }, (_, index) => formatKnownHostsLine(`dom${index}`, 22, ed25519))
    await Promise.all([...lines, ...lines].map((line) => trust.add(line)))
    expect(written()).toBe(`# kept, without a newline\n${lines.join('\n')}\n`)
  })

  it('refuses to trust a changed or a revoked key on top of the old one', async () => {
    writeFileSync(userFile, `${formatKnownHostsLine('dom0', 22, ed25519)}\n@revoked * ssh-rsa ${rsa.toString('base64')}\n`)
    const old = { code: 'HOST_KEY_CHANGED', message: expect.stringContaining(`Line 1 of ${userFile}`) }
    await expect(trust.add(formatKnownHostsLine('dom0', 22, other))).rejects.toMatchObject(old)
    await expect(trust.add(formatKnownHostsLine('dom0', 22, rsa))).rejects.toMatchObject({
      message: expect.stringContaining('revoked'),
    })
    await trust.add(formatKnownHostsLine('dom1', 22, other))
    expect(written()).toBe(`${formatKnownHostsLine('dom1', 22, other)}\n`)
  })

  it.each(['', 'dom0', 'dom0 ssh-ed25519 AAAA', `a ssh-ed25519 ${ed25519.toString('base64')}\nb`])('refuses %j', async (line) => {
    await expect(trust.add(line)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })
})

describe('the system’s known_hosts', () => {
  it('counts too', async () => {
    writeFileSync(join(folder, 'ssh_known_hosts'), `${formatKnownHostsLine('dom0', 22, ed25519)}\n`)
    expect(await judge(ed25519)).toEqual({ verdict: 'trusted' })
    expect(await judge(other)).toMatchObject({ verdict: 'changed', place: { file: join(folder, 'ssh_known_hosts'), line: 1 } })
  })
})

describe('removing a host key', () => {
  const key = fingerprint(ed25519)

  it('takes out that line of Domdeck’s own file and nothing else, and the host is unknown again', async () => {
    writeFileSync(userFile, 'untouched')
    for (const name of ['dom1', 'dom0', 'dom2']) await trust.add(formatKnownHostsLine(name, 22, ed25519))
    await trust.remove({ line: 2, fingerprint: key })
    expect(written()).toBe(`${formatKnownHostsLine('dom1', 22, ed25519)}\n${formatKnownHostsLine('dom2', 22, ed25519)}\n`)
    expect(await judge(ed25519)).toMatchObject({ verdict: 'unknown' })
    expect(statSync(ownFile).mode & 0o777).toBe(0o600)
    expect(readFileSync(userFile, 'utf8')).toBe('untouched')
  })

  it('changes nothing when another key stands there by now', async () => {
    await trust.add(formatKnownHostsLine('dom0', 22, other))
    const before = readFileSync(ownFile, 'utf8')
    for (const line of [0, 1, 2, -1]) {
      await expect(trust.remove({ line, fingerprint: key })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(readFileSync(ownFile, 'utf8')).toBe(before)
  })

  it('loses no addition that comes at the same time', async () => {
    await trust.add(formatKnownHostsLine('dom0', 22, ed25519))
    await Promise.all([
      trust.add(formatKnownHostsLine('dom1', 22, other)),
      trust.remove({ line: 1, fingerprint: key }),
      trust.add(formatKnownHostsLine('dom2', 22, other)),
    ])
    expect(written()).toBe(`${formatKnownHostsLine('dom1', 22, other)}\n${formatKnownHostsLine('dom2', 22, other)}\n`)
  })
})
