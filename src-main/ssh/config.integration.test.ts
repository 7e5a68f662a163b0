import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConfigOwner, resolveConfig, type TypedAddress } from './config'
import { readConfigFile } from './config-file'

const program = 'ssh'
const haveSsh = spawnSync(program, ['-V']).status === 0

/** What ssh itself makes of a file for an address; undefined when it refuses the file. */
function askSsh(file: string, { address, port, user }: TypedAddress): Record<string, string[]> | undefined {
  const typed = [...(port === undefined ? [] : ['-p', String(port)]), ...(user === undefined ? [] : ['-l', user])]
  const { status, stdout } = spawnSync(program, ['-G', '-F', file, ...typed, '--', address], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const answers: Record<string, string[]> = {}
  for (const line of stdout.trim().split('\n')) {
    const [, keyword = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
    answers[keyword] = [...(answers[keyword] ?? []), value]
  }
  return answers
}

describe.skipIf(!haveSsh)('~/.ssh/config, as ssh -G reads it', () => {
  let folder: string
  let file: string
  let owner: ConfigOwner
  /** What ssh says about a host of which the file says nothing. */
  let silent: Record<string, string[]>

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'domdeck-config-'))
    file = join(folder, 'config')
    mkdirSync(join(folder, 'more'))
    owner = { homeDir: folder, localUser: userInfo().username, environment: {}, systemFolder: join(folder, 'etc') }
    writeFileSync(file, '')
    silent = askSsh(file, { address: 'host' }) ?? {}
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Both readings of one text for one address, in one shape. */
  async function bothRead(text: string, typed: TypedAddress) {
    writeFileSync(file, text)
    const theirs = askSsh(file, typed)
    const ours = await readConfigFile(file, folder, folder)
      .then((statements) => resolveConfig([statements], typed, owner))
      .catch((error: unknown) => error as Error)
    if (!theirs) return { theirs, ours }
    if (ours instanceof Error) return { theirs: {}, ours }
    const jump = theirs.proxyjump?.[0]
    return {
      theirs: {
        hostName: theirs.hostname?.[0],
        port: Number(theirs.port?.[0]),
        user: theirs.user?.[0],
        identityFiles: theirs.identityfile,
        identitiesOnly: theirs.identitiesonly?.[0],
        identityAgent: theirs.identityagent?.[0],
        jump: jump === 'none' ? undefined : jump,
        hostKeyAlias: theirs.hostkeyalias?.[0],
      },
      ours: {
        hostName: ours.hostName,
        port: ours.port ?? 22,
        user: ours.user ?? owner.localUser,
        identityFiles: ours.identityFiles ?? silent.identityfile,
        identitiesOnly: ours.identitiesOnly ? 'yes' : 'no',
        identityAgent: ours.identityAgent,
        jump: ours.proxyJump === 'none' ? undefined : ours.proxyJump,
        hostKeyAlias: ours.hostKeyAlias,
      },
    }
  }

  const patterns = fc.constantFrom(
    'web',
    'Web',
    'web.example.org',
    '*',
    'w?b',
    '*.example.org',
    '10.0.0.1',
    '!web',
    '!*.org',
    '?',
    '',
  )
  const criterion = fc.oneof(
    fc.constantFrom('all', 'final', 'canonical', '!final'),
    fc.tuple(
      fc.constantFrom('host', '!host', 'originalhost', '!originalhost', 'Host'),
      fc.constantFrom('web', 'w*,!web', '*.example.org', '10.*', 'WEB'),
    ),
    fc.tuple(fc.constantFrom('user', '!user', 'localuser'), fc.constantFrom('root', 'ann', 'a*', '!ann,*', 'nobody')),
  )
  const setting = fc.oneof(
    fc.tuple(
      fc.constant('HostName'),
      fc.constantFrom('web.example.org', '%h.example.org', '10.0.0.1', 'Big.Example.org', '::1', '"a%%b"'),
    ),
    fc.tuple(fc.constantFrom('Port', 'port'), fc.constantFrom('22', '2222', '"2200"', '1')),
    fc.tuple(fc.constant('User'), fc.constantFrom('ann', 'root', "'bob'", 'a\\"b')),
    fc.tuple(
      fc.constant('IdentityFile'),
      fc.constantFrom('/k/one', '/k/two', '"/k/th ree"', '/k/fo\\ ur', '/k/a#b', '/k/one # first', '/k/q"uo te"d'),
    ),
    fc.tuple(fc.constant('IdentitiesOnly'), fc.constantFrom('yes', 'no')),
    fc.tuple(fc.constant('IdentityAgent'), fc.constantFrom('none', '/run/agent', '/run/other')),
    fc.tuple(fc.constant('ProxyJump'), fc.constantFrom('none', 'bastion', 'bastion.example.org', 'one,two', 'me@one:2222,two')),
    fc.tuple(fc.constant('ProxyCommand'), fc.constantFrom('none', 'nc %h %p')),
    fc.tuple(fc.constant('HostKeyAlias'), fc.constantFrom('alias', 'Other')),
    fc.tuple(fc.constant('Compression'), fc.constantFrom('yes', 'no')),
  )
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(setting, fc.constantFrom(' ', '=', ' = ', '\t'), fc.constantFrom('', '  ', '\t'))
        .map(([[keyword, value], between, before]) => `${before}${keyword}${between}${value}`),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(
          patterns.filter((pattern) => pattern !== ''),
          { minLength: 1, maxLength: 3 },
        )
        .map((list) => `Host ${list.join(' ')}`),
    },
    { weight: 2, arbitrary: fc.array(criterion, { minLength: 1, maxLength: 3 }).map((list) => `Match ${list.flat().join(' ')}`) },
    { weight: 1, arbitrary: fc.constantFrom('', '# Port 1', '   ', 'Include more/*.conf', 'Include more/a.conf more/none') },
  )
  const lines = fc.array(line, { maxLength: 8 })
  const typed = fc.record(
    {
      address: fc.constantFrom('web', 'Web', 'web.example.org', '10.0.0.1'),
      port: fc.constantFrom(22, 2022),
      user: fc.constantFrom('ann', 'root'),
    },
    { requiredKeys: ['address'] },
  )

  it('says the same of every address, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(lines, lines, lines, typed, async (main, a, b, address) => {
        // ssh looks relative names up in the real home, so the files have their whole path.
        const whole = (text: string[]) => text.map((each) => each.replaceAll('more/', `${folder}/more/`)).join('\n')
        writeFileSync(join(folder, 'more', 'a.conf'), whole(a.filter((each) => !each.startsWith('Include'))))
        writeFileSync(join(folder, 'more', 'b.conf'), whole(b.filter((each) => !each.startsWith('Include'))))
        const { theirs, ours } = await bothRead(`${whole(main)}\n`, address)
        // What ssh refuses outright (a `Match all` beside another condition, a host that is its own jump host) is not compared.
        fc.pre(theirs !== undefined)
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['a quote that is not closed', 'Host a\n  User "b\n', /Line 2 of .*config has an opening "/],
    ['a file that includes itself', `Include FILE\n`, /included through more than 16 files/],
    ['a port that is no number', 'Port many\n', /Line 1 of .*config says Port many/],
  ])('refuses %s, as ssh does, and names the place', async (_what, text, message) => {
    const { theirs, ours } = await bothRead(text.replace('FILE', file), { address: 'web' })
    expect(theirs).toBeUndefined()
    expect(ours).toMatchObject({ code: 'SETTINGS_UNREADABLE', message: expect.stringMatching(message) })
  })
})
