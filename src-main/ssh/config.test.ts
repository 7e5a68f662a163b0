import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigOwner, readSshConfig, resolveConfig, type TypedAddress } from './config'

let owner: ConfigOwner
beforeEach(() => {
  const homeDir = mkdtempSync(join(tmpdir(), 'domdeck-config-'))
  for (const folder of ['.ssh/conf.d', 'etc/more']) mkdirSync(join(homeDir, folder), { recursive: true })
  owner = { homeDir, localUser: 'ann', environment: { KEYS: '/media/keys' }, systemFolder: join(homeDir, 'etc') }
})
afterEach(() => rmSync(owner.homeDir, { recursive: true, force: true }))

const write = (name: string, ...lines: string[]) => writeFileSync(join(owner.homeDir, name), `${lines.join('\n')}\n`)
const resolve = async (typed: TypedAddress) => resolveConfig(await readSshConfig(owner), typed, owner)

describe('what ~/.ssh/config says about an address', () => {
  it('is the address itself where there is no file', async () => {
    expect(await resolve({ address: 'dom0' })).toEqual({ hostName: 'dom0', identitiesOnly: false, from: [], notes: [] })
  })

  it('tells for each value the file and the line', async () => {
    write('.ssh/config', 'Include conf.d/*', '', 'Host *', '  User ann', '  Port 2222')
    write('.ssh/conf.d/lab', '# the lab', 'Host lab', '  HostName 192.0.2.17', '  User root')
    const { from, ...config } = await resolve({ address: 'lab' })
    expect(config).toMatchObject({ hostName: '192.0.2.17', user: 'root', port: 2222 })
    expect(from).toEqual([
      { text: 'HostName 192.0.2.17', file: '~/.ssh/conf.d/lab', line: 3 },
      { text: 'User root', file: '~/.ssh/conf.d/lab', line: 4 },
      { text: 'Port 2222', file: '~/.ssh/config', line: 5 },
    ])
  })

  it('gives way to what was typed', async () => {
    write('.ssh/config', 'Port 2222', 'User ann', 'Match user root', '  HostName for-root')
    const config = await resolve({ address: 'lab', port: 22, user: 'root' })
    expect(config).toMatchObject({ hostName: 'for-root', port: 22, user: 'root' })
    expect(config.from.map(({ text }) => text)).toEqual(['HostName for-root'])
  })

  it('is read anew each time', async () => {
    write('.ssh/config', 'Port 1')
    expect((await resolve({ address: 'lab' })).port).toBe(1)
    write('.ssh/config', 'Port 2')
    expect((await resolve({ address: 'lab' })).port).toBe(2)
  })

  it('goes on in the system file, whose names are relative to its own folder', async () => {
    write('.ssh/config', 'Host lab', '  Port 1')
    write('etc/ssh_config', 'Include more/*.conf')
    write('etc/more/all.conf', 'User sys', 'Port 2')
    write('etc/more/.hidden.conf', 'HostName hidden')
    expect(await resolve({ address: 'lab' })).toMatchObject({ hostName: 'lab', port: 1, user: 'sys' })
  })

  it('expands ~, % tokens and variables of paths, and leaves out what it does not know', async () => {
    write(
      '.ssh/config',
      'Host lab',
      '  HostName %h.example.org',
      '  User root',
      '  IdentityFile ~/.ssh/%r@%h_%n_%u_%p',
      '  IdentityFile %d/100%%',
    )
    write('etc/ssh_config', `IdentityFile \${KEYS}/one`, `IdentityFile \${NOBODY}/two`, 'IdentityFile /%x')
    const { identityFiles, notes } = await resolve({ address: 'lab' })
    const { homeDir } = owner
    expect(identityFiles).toEqual([`${homeDir}/.ssh/root@lab.example.org_lab_ann_22`, `${homeDir}/100%`, '/media/keys/one'])
    expect(notes.map(({ text }) => text)).toEqual([expect.stringContaining('NOBODY'), expect.stringContaining('/%x')])
  })

  it('knows that no key at all may be tried', async () => {
    write('.ssh/config', 'IdentityFile none', 'IdentitiesOnly yes')
    expect(await resolve({ address: 'lab' })).toMatchObject({ identityFiles: [], identitiesOnly: true })
  })

  it.each([
    ['none', 'none'],
    ['SSH_AUTH_SOCK', '/run/agent'],
    ['$OTHER_AGENT', 'none'],
    ['~/agent.sock', 'HOME/agent.sock'],
  ])('takes IdentityAgent %s', async (text, means) => {
    owner.environment.SSH_AUTH_SOCK = '/run/agent'
    write('.ssh/config', `IdentityAgent ${text}`)
    expect((await resolve({ address: 'lab' })).identityAgent).toBe(means.replace('HOME', owner.homeDir))
  })

  it('executes nothing, and says what it leaves out', async () => {
    const trap = join(owner.homeDir, 'trap')
    write(
      '.ssh/config',
      `Match exec "touch ${trap}"`,
      '  Port 1',
      `Match !exec "touch ${trap}"`,
      '  Port 2',
      'Host *',
      'KnownHostsCommand /bin/true',
      `ProxyCommand touch ${trap}`,
      'ProxyJump bastion',
    )
    const { port, proxyJump, proxyCommand, notes } = await resolve({ address: 'lab' })
    expect({ port, proxyJump }).toEqual({ port: undefined, proxyJump: undefined })
    expect(existsSync(trap)).toBe(false)
    expect(proxyCommand).toMatchObject({ file: '~/.ssh/config', line: 7 })
    expect(notes.map(({ line, text }) => [line, text])).toEqual([
      [1, expect.stringMatching(/^Match exec .*executes nothing/)],
      [3, expect.stringMatching(/executes nothing/)],
      [6, expect.stringMatching(/^KnownHostsCommand/)],
      [7, expect.stringMatching(/^ProxyCommand .*ProxyJump/)],
    ])
  })

  it('names a file that it may not read', async () => {
    // A link to itself: root may read every other file.
    symlinkSync('config', join(owner.homeDir, '.ssh/config'))
    await expect(resolve({ address: 'lab' })).rejects.toMatchObject({ code: 'SETTINGS_UNREADABLE' })
  })
})
