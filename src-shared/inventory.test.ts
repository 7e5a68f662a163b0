import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InventoryHost, parseInventory, planImport, writeInventory } from './inventory'
import { writeAnsibleIni, writeAnsibleYaml } from './inventory-ansible'
import type { HostSettings } from './models/host'
import { builtInSequences, type Sequence } from './models/sequence'

const bru: InventoryHost = {
  name: 'dom0-bru1',
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  storageRoot: '/srv/domdeck',
  site: 'Bruges',
}
const lab: InventoryHost = {
  name: 'my lab',
  address: 'lab.example',
  port: 2222,
  user: 'ana',
  keyPath: '~/.ssh/a "key"',
  storageRoot: '/srv/x',
}
const settings = (host: InventoryHost, id = host.name): HostSettings => ({
  ...host,
  storageRoot: host.storageRoot ?? '/srv/domdeck',
  id,
  simulated: false,
})

describe('an inventory', () => {
  it('comes back from JSON and from INI as it was', () => {
    for (const write of [writeInventory, writeAnsibleIni])
      expect(parseInventory(write([lab, bru]))).toEqual({ hosts: [lab, bru], sequences: [], refused: [], notes: [] })
  })

  it('comes back with its sequences, whatever they hold, from JSON', () => {
    const [first, ...others] = builtInSequences.map((one) => ({ ...one, name: `My ${one.name}` }))
    const odd: Sequence = {
      name: 'quotes "$(reboot)" 日本',
      base: 'bookworm',
      fields: [],
      steps: [
        { do: 'send', text: "echo '$(x)' \\x41\\r" },
        { do: 'quiet', forS: 1, withinS: 600 },
      ],
    }
    const own = [odd, ...(first ? [first] : []), ...others]
    const back = parseInventory(writeInventory([bru], own))
    expect(back).toEqual({ hosts: [bru], sequences: own, refused: [], notes: [] })
    expect(parseInventory(writeInventory([], own)).sequences).toEqual(own)
    // An import of what is here already changes nothing.
    expect(planImport(back, [settings(bru)], own).map(({ verdict }) => verdict)).toEqual(['same', 'same', 'same', 'same', 'same'])
  })

  it('adds, changes and refuses sequences one by one, and says what they type', () => {
    const send = (name: string, text: string): Sequence => ({ name, fields: [], steps: [{ do: 'send', text }] })
    const text = JSON.stringify({
      format: 'domdeck-inventory',
      version: 1,
      hosts: [],
      sequences: [
        send('new', 'ls\\r'),
        send('known', 'reboot\\r'),
        send('Report the IP', 'x'),
        send('new', 'y'),
        send('bad', '\\q'),
        7,
      ],
    })
    const read = parseInventory(text)
    expect(read.refused).toEqual([
      { name: 'new', reason: 'It stands in the inventory twice.' },
      { name: 'bad', reason: expect.stringContaining('After a backslash') },
      { name: 'sequence 6', reason: expect.any(String) },
    ])
    expect(planImport(read, [], [send('known', 'ls\\r')])).toMatchObject([
      { name: 'new', where: 'sequence of 1 step', verdict: 'add', words: 'Send ls\\r.', sequence: { name: 'new' } },
      { name: 'known', verdict: 'change', words: 'Becomes: Send reboot\\r.', sequence: { name: 'known' } },
      { name: 'Report the IP', verdict: 'refuse' },
      { verdict: 'refuse' },
      { verdict: 'refuse' },
      { verdict: 'refuse' },
    ])
    const many = Array.from({ length: 100 }, (_, index) => send(`own ${index}`, 'x'))
    expect(planImport(read, [], many)[0]).toMatchObject({
      verdict: 'refuse',
      words: 'There are 100 sequences. Delete one first.',
    })
    expect(() => parseInventory(writeInventory([], [...many, send('more', 'x')]))).toThrow(/more than 100/)
  })

  it('comes back whatever the names', () => {
    const word = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => text.trim() === text && text.length <= 64 && !/[\p{Cc}\p{Cs}]/u.test(text))
    const host = fc.record(
      {
        name: word,
        address: fc.stringMatching(/^[a-z0-9][a-z0-9.:-]{0,20}$/),
        port: fc.integer({ min: 1, max: 65535 }),
        user: fc.constantFrom('root', 'ana'),
        keyPath: word,
        site: word,
      },
      { requiredKeys: ['name', 'address'] },
    )
    fc.assert(
      fc.property(fc.uniqueArray(host, { selector: ({ name }) => name, maxLength: 8 }), (made) => {
        const hosts = made as InventoryHost[]
        fc.pre(hosts.length > 0)
        const sorted = (list: readonly InventoryHost[]) => [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
        expect(parseInventory(writeInventory(hosts)).hosts).toEqual(hosts)
        expect(sorted(parseInventory(writeAnsibleIni(hosts)).hosts)).toEqual(sorted(hosts))
      }),
    )
  })

  it('is written as YAML that Ansible reads', () => {
    expect(writeAnsibleYaml([lab, bru])).toBe(
      [
        'all:',
        '  hosts:',
        '    "my-lab":',
        '      ansible_host: "lab.example"',
        '      ansible_port: 2222',
        '      ansible_user: "ana"',
        '      ansible_ssh_private_key_file: "~/.ssh/a \\"key\\""',
        '      domdeck_storage_root: "/srv/x"',
        '      domdeck_name: "my lab"',
        '  children:',
        '    Bruges:',
        '      hosts:',
        '        "dom0-bru1":',
        '          ansible_host: "192.0.2.1"',
        '          ansible_port: 22',
        '          ansible_user: "root"',
        '          domdeck_storage_root: "/srv/domdeck"',
        '',
      ].join('\n'),
    )
  })

  it('is read from Ansible: groups, children, variables, ranges, comments and quotes', () => {
    const text = `
# all of it
loose ansible_host=192.0.2.9 ; alone
old.example:2022

[bruges]
bru[01:03] ansible_user=ana
[bruges:vars]
ansible_port = 2222
ansible_password=hunter2
[belgium:children]
bruges
[belgium:vars]
ansible_user=root
domdeck_storage_root="/srv/xen"
[all:vars]
ansible_ssh_private_key_file='~/my key'
`
    const { hosts, refused, notes } = parseInventory(text)
    expect(refused).toEqual([])
    expect(notes).toEqual(['Passwords in it were left out: Domdeck asks for them when it connects.'])
    expect(hosts.map(({ name }) => name)).toEqual(['loose', 'old.example', 'bru01', 'bru02', 'bru03'])
    expect(hosts[0]).toEqual({ name: 'loose', address: '192.0.2.9', keyPath: '~/my key' })
    expect(hosts[1]).toMatchObject({ address: 'old.example', port: 2022 })
    expect(hosts[3]).toEqual({
      name: 'bru02',
      address: 'bru02',
      port: 2222,
      user: 'ana',
      keyPath: '~/my key',
      storageRoot: '/srv/xen',
      site: 'bruges',
    })
    expect(JSON.stringify(hosts)).not.toContain('hunter2')
  })

  it('is read from what ansible-inventory prints', () => {
    const list = {
      _meta: { hostvars: { a: { ansible_host: '192.0.2.1', ansible_port: 2222, x: [] } } },
      all: { children: ['s'] },
      s: { hosts: ['a', 'b'] },
    }
    expect(parseInventory(JSON.stringify(list)).hosts).toEqual([
      { name: 'a', address: '192.0.2.1', port: 2222, site: 's' },
      { name: 'b', address: 'b', site: 's' },
    ])
  })

  it.each([
    ['', 'it is empty'],
    ['{"x":', 'it is no JSON'],
    ['{"format":"domdeck-inventory","version":2,"hosts":[]}', 'a later version'],
    ['{"hosts":[]}', 'no inventory of Domdeck'],
    ['all:\n  hosts:\n    a:\n', 'ansible-inventory|looks like YAML'],
    ['x'.repeat(1_000_001), 'more than 1 MB'],
    [`{"format":"domdeck-inventory","version":1,"hosts":[${'{},'.repeat(1_001)}{}]}`, 'more than 1000 hosts'],
  ])('that cannot be read says why: %.40s', (text, reason) => {
    expect(() => parseInventory(text)).toThrow(new RegExp(reason))
  })

  it('refuses single hosts with the reason and takes the others', () => {
    const text = 'good\nbad$(reboot)\n-x ansible_port=99999\ngood2 ansible_port=abc\n[broken\nw[1:999999999]\n'
    const { hosts, refused, notes } = parseInventory(text)
    expect(hosts.map(({ name }) => name)).toEqual(['good'])
    expect(refused.map(({ name }) => name)).toEqual(['bad$(reboot)', '-x', 'good2'])
    expect(refused[0]?.reason).toContain('letters, digits')
    expect(notes).toEqual(['Line 5 is not understood and was left out.', 'Line 6 is not understood and was left out.'])
  })

  it('never fails but in words', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.string({ unit: fc.constantFrom('[', ']', ':', '\n', 'a', '=', '"', ' ', '1') }),
        ),
        (text) => {
          try {
            parseInventory(text)
          } catch (error) {
            expect((error as Error).message).toMatch(/^This inventory cannot be read: /)
          }
        },
      ),
    )
  })
})

describe('an import', () => {
  it('adds, changes, leaves alone or refuses, and says so', () => {
    const existing = [settings(bru, '1'), settings({ name: 'taken', address: '192.0.2.7' }, '2')]
    const read = parseInventory(writeInventory([bru, lab, { name: 'other', address: '192.0.2.7' }]))
    expect(planImport(read, existing, []).map(({ name, verdict }) => [name, verdict])).toEqual([
      ['dom0-bru1', 'same'],
      ['my lab', 'add'],
      ['other', 'refuse'],
    ])
    const moved = planImport(
      { hosts: [{ name: 'taken', address: '192.0.2.7', site: 'Ghent' }], sequences: [], refused: [], notes: [] },
      existing,
      [],
    )
    expect(moved[0]).toMatchObject({ verdict: 'change', words: 'site none becomes Ghent.' })
    const [row] = planImport(
      { hosts: [{ name: 'dom0-bru1', address: '192.0.2.1', port: 2222 }], sequences: [], refused: [], notes: [] },
      existing,
      [],
    )
    expect(row).toMatchObject({
      verdict: 'change',
      hostId: '1',
      words: 'port 22 becomes 2222.',
      settings: { storageRoot: '/srv/domdeck' },
    })
  })
})
