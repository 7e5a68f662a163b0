import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fingerprint, formatKnownHostsLine, knownHostsName, matchesHost, parseKnownHosts } from './known-hosts'

/** An ed25519 public key. */
const sample = {
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIFzTVdjQxeC9wUYk3WJW1CvmH4uTYMYBJ1yqRzz4Xx8Q',
  type: 'ssh-ed25519',
}
const key = Buffer.from(sample.base64, 'base64')

describe('parseKnownHosts', () => {
  it('reads plain lines, markers and comments, and counts lines as an editor does', () => {
    const text = [
      '# my hosts',
      '',
      `dom0a,192.0.2.7 ssh-ed25519 ${sample.base64} root@dom0a`,
      `@revoked\tdom0b ssh-ed25519 ${sample.base64}`,
      `  @cert-authority *.example.org ssh-ed25519 ${sample.base64}`,
      `dom0c ssh-ed25519 ${sample.base64}\r`,
    ].join('\n')
    expect(parseKnownHosts(text).map(({ marker, hosts, line }) => ({ marker, hosts, line }))).toEqual([
      { marker: undefined, hosts: 'dom0a,192.0.2.7', line: 3 },
      { marker: 'revoked', hosts: 'dom0b', line: 4 },
      { marker: 'cert-authority', hosts: '*.example.org', line: 5 },
      { marker: undefined, hosts: 'dom0c', line: 6 },
    ])
  })

  it.each([
    ['an unknown marker', `@trusted dom0 ssh-ed25519 ${sample.base64}`],
    ['a key of another type than it says', `dom0 ssh-rsa ${sample.base64}`],
    ['a missing key', 'dom0 ssh-ed25519'],
    ['a broken key', 'dom0 ssh-ed25519 AAAA'],
    ['SSH 1', 'dom0 1024 35 1234567890'],
  ])('leaves out %s', (_what, line) => {
    expect(parseKnownHosts(line)).toEqual([])
  })

  it('reads back what it formats', () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), (host, port) => {
        const [entry] = parseKnownHosts(formatKnownHostsLine(host, port, key))
        expect(entry?.key).toEqual(key)
        expect(matchesHost(entry?.hosts ?? '', knownHostsName(host, port))).toBe(true)
        expect(matchesHost(entry?.hosts ?? '', knownHostsName(host, port === 65535 ? 1 : port + 1))).toBe(false)
      }),
    )
  })

  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => void parseKnownHosts(text)))
  })
})

describe('matchesHost', () => {
  it.each([
    ['dom0', 'dom0', true],
    ['DOM0', 'dom0', true],
    ['dom0', 'dom01', false],
    ['dom0', 'xdom0', false],
    ['a,dom0,b', 'dom0', true],
    ['dom?', 'dom0', true],
    ['dom?', 'dom', false],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*', '[dom0]:2222', true],
    ['[dom0]:2222', '[dom0]:2222', true],
    ['dom0', '[dom0]:2222', false],
    ['[dom0]:*', '[dom0]:2222', true],
    ['*.example.org,!bad.example.org', 'good.example.org', true],
    ['*.example.org,!bad.example.org', 'bad.example.org', false],
    ['!bad.example.org,*.example.org', 'bad.example.org', false],
    ['!bad.example.org', 'good.example.org', false],
    ['a.c', 'abc', false],
    ['|1|broken', 'dom0', false],
    ['|2|c2FsdA==|aGFzaA==', 'dom0', false],
  ])('%s against %s: %s', (hosts, name, expected) => {
    expect(matchesHost(hosts, name)).toBe(expected)
  })

  it('takes no noticeable time for a pattern full of stars', () => {
    expect(matchesHost(`${'*a'.repeat(60)}b`, 'a'.repeat(250))).toBe(false)
  })
})

describe('with ssh-keygen', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'domdeck-known-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('finds the names that ssh-keygen -H has hashed, and no others', () => {
    const file = join(folder, 'known_hosts')
    writeFileSync(
      file,
      ['dom0', 'Dom0.Example.org', '[dom0]:2222'].map((name) => `${name} ${sample.type} ${sample.base64}\n`).join(''),
    )
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    const entries = parseKnownHosts(readFileSync(file, 'utf8'))
    expect(entries).toHaveLength(3)
    expect(entries.every((entry) => entry.hosts.startsWith('|1|'))).toBe(true)
    const linesFor = (host: string, port: number) =>
      entries.filter((entry) => matchesHost(entry.hosts, knownHostsName(host, port))).map((entry) => entry.line)
    expect(linesFor('dom0', 22)).toEqual([1])
    expect(linesFor('DOM0.example.org', 22)).toEqual([2])
    expect(linesFor('dom0', 2222)).toEqual([3])
    expect(linesFor('dom1', 22)).toEqual([])
  })

  it('prints fingerprints as ssh-keygen -l does', () => {
    const file = join(folder, 'key.pub')
    writeFileSync(file, `${sample.type} ${sample.base64} test\n`)
    const printed = execFileSync('ssh-keygen', ['-l', '-f', file]).toString()
    expect(printed.split(' ')[1]).toBe(fingerprint(key))
  })

  it('is read by ssh-keygen -F, which finds the line it formats', () => {
    const file = join(folder, 'own')
    writeFileSync(file, `${formatKnownHostsLine('Dom0.example.org', 2222, key)}\n`)
    expect(execFileSync('ssh-keygen', ['-F', '[dom0.example.org]:2222', '-f', file]).toString()).toContain(sample.base64)
  })
})
