import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigOwner } from './config'
import type { Target } from './jump'
import { formatKnownHostsLine } from './known-hosts'
import { md5Fingerprint, randomart } from './randomart'
import { createTrustStore, type TrustStore } from './trust'
import { listTrust } from './trust-list'

let folder: string
const keys: Record<string, Buffer> = {}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-trust-'))
  for (const [name, ...options] of [
    ['ed25519'],
    ['ecdsa', '-b', '384'],
    ['rsa', '-b', '2048'],
    ['rsa3072', '-b', '3072'],
  ] as const) {
    const type = name.replace('3072', '')
    execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-C', '', '-f', join(folder, name)])
    keys[name] = Buffer.from(readFileSync(join(folder, `${name}.pub`), 'utf8').split(' ')[1] ?? '', 'base64')
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a key in the forms people compare', () => {
  it.each(['ed25519', 'ecdsa', 'rsa', 'rsa3072'])('is what ssh-keygen prints (%s)', (name) => {
    const key = keys[name] as Buffer
    const [line = '', ...art] = execFileSync('ssh-keygen', ['-lv', '-f', join(folder, `${name}.pub`)], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(line).toContain('SHA256:')
    expect(randomart(key)).toBe(art.join('\n'))
    expect(execFileSync('ssh-keygen', ['-l', '-E', 'md5', '-f', join(folder, `${name}.pub`)], { encoding: 'utf8' })).toContain(
      md5Fingerprint(key),
    )
  })

  it.each([Buffer.alloc(0), Buffer.from('nonsense'), Buffer.from([0, 0, 0, 7, ...Buffer.from('ssh-rsa'), 255, 255, 255, 255])])(
    'survives what is no key',
    (key) => {
      expect(randomart(key).split('\n')).toHaveLength(11)
    },
  )
})

describe('the list of host keys', () => {
  let home: string
  let owner: ConfigOwner
  let trust: TrustStore
  const userFile = () => join(home, '.ssh', 'known_hosts')
  const list = (...targets: Target[]) => listTrust(trust, targets, owner, () => undefined)
  const key = (name = 'ed25519') => keys[name] as Buffer

  beforeEach(() => {
    home = mkdtempSync(join(folder, 'home-'))
    mkdirSync(join(home, '.ssh'))
    owner = { homeDir: home, localUser: 'ann', environment: {}, systemFolder: home }
    trust = createTrustStore({ homeDir: home, ownFile: join(home, 'own'), systemFolder: home })
  })

  it('is empty without a file', async () => {
    expect(await list({ address: 'dom0' })).toEqual([])
  })

  it('has all of Domdeck’s own lines, and of the others those about hosts of the fleet', async () => {
    writeFileSync(userFile(), `${formatKnownHostsLine('dom0', 22, key())}\n${formatKnownHostsLine('nobody', 22, key())}\n`)
    writeFileSync(join(home, 'ssh_known_hosts'), `dom? ${formatKnownHostsLine('x', 22, key('rsa')).slice(2)}\n`)
    await trust.add(formatKnownHostsLine('gone', 22, key('ecdsa')))
    const entries = await list({ name: 'Brussels', address: 'dom0' })
    expect(entries.map(({ origin, file, line, hosts, speaksFor }) => ({ origin, file, line, hosts, speaksFor }))).toEqual([
      { origin: 'user', file: '~/.ssh/known_hosts', line: 1, hosts: 'dom0', speaksFor: ['Brussels'] },
      { origin: 'system', file: '~/ssh_known_hosts', line: 1, hosts: 'dom?', speaksFor: ['Brussels'] },
      { origin: 'own', file: '~/own', line: 1, hosts: 'gone', speaksFor: [] },
    ])
    expect(entries[2]?.since).toMatch(/^20\d\d-.*Z$/)
    expect(entries[0]?.since).toBeUndefined()
  })

  it('finds a host by its alias, its port and its jump hosts, and what a hashed name hides', async () => {
    writeFileSync(
      join(home, '.ssh', 'config'),
      'Host lab\n  HostName 192.0.2.17\n  Port 2222\n  ProxyJump bastion\nHost bastion\n  HostKeyAlias the-bastion\n',
    )
    writeFileSync(userFile(), `${formatKnownHostsLine('192.0.2.17', 2222, key())}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', userFile()], { stdio: 'ignore' })
    writeFileSync(userFile(), `${formatKnownHostsLine('the-bastion', 22, key('rsa'))}\n`, { flag: 'a' })
    const entries = await list({ name: 'lab one', address: 'lab' })
    expect(entries.map(({ hosts, speaksFor }) => [hosts, speaksFor])).toEqual([
      ['[192.0.2.17]:2222', ['lab one']],
      ['the-bastion', ['bastion (jump host)']],
    ])
  })

  it('gives the command that removes a line of the person’s file: it does, hashed or not, and nothing else goes', async () => {
    writeFileSync(userFile(), `${formatKnownHostsLine('dom0', 2222, key())}\n${formatKnownHostsLine('dom1', 22, key())}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', userFile()], { stdio: 'ignore' })
    const [entry] = await list({ address: 'dom0', port: 2222 })
    execFileSync('sh', ['-c', entry?.removeBy ?? 'exit 1'], { stdio: 'ignore' })
    expect(await list({ address: 'dom0', port: 2222 })).toEqual([])
    expect(await list({ address: 'dom1' })).toHaveLength(1)
  })

  it('gives no command for marked lines and patterns, which ssh-keygen leaves alone', async () => {
    const line = formatKnownHostsLine('dom0', 22, key())
    writeFileSync(userFile(), `@revoked ${line}\n@cert-authority ${line}\n${line.replace('dom0', 'dom*')}\n`)
    const entries = await list({ address: 'dom0' })
    expect(entries.map(({ marker, removeBy }) => [marker, removeBy])).toEqual([
      ['revoked', undefined],
      ['cert-authority', undefined],
      [undefined, undefined],
    ])
  })

  it('shows the key of a lab of this run, and keeps on with a host whose configuration is broken', async () => {
    trust.pin('127.0.0.1', 2022, key())
    writeFileSync(join(home, '.ssh', 'config'), 'Host broken\n  Port many\n')
    writeFileSync(userFile(), `${formatKnownHostsLine('broken', 22, key())}\n`)
    const entries = await list({ name: 'lab', address: '127.0.0.1', port: 2022 }, { address: 'broken' })
    expect(entries.map(({ origin, speaksFor }) => [origin, speaksFor])).toEqual([
      ['user', ['broken']],
      ['pinned', ['lab']],
    ])
  })

  it('is read by ssh-keygen, with the time that Domdeck writes behind a key', async () => {
    await trust.add(formatKnownHostsLine('dom0', 22, key()))
    expect(execFileSync('ssh-keygen', ['-F', 'dom0', '-f', join(home, 'own')], { encoding: 'utf8' })).toContain(
      'dom0 ssh-ed25519',
    )
  })
})
