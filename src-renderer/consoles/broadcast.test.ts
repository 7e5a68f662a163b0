import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConsoleStatus } from '../../src-shared/models/console'
import {
  agree,
  audience,
  type Candidate,
  doubt,
  endsIn,
  manyTargets,
  nothingAgreed,
  paneNumber,
  showsRoot,
  withoutEscape,
} from './broadcast'

const attached: ConsoleStatus = { state: 'attached', domid: 1 }
const candidate = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  id: `pane of ${name}`,
  name,
  console: name,
  isMember: true,
  hidden: undefined,
  status: attached,
  readOnly: undefined,
  ...more,
})
const targets = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `p${index}`, name: `web-${index}` }))
const never = (): boolean => false

describe('the audience of a broadcast', () => {
  it('says of each pane that gets nothing why', () => {
    const all = [
      candidate('web-01'),
      candidate('web-02', { isMember: false }),
      candidate('web-03', { hidden: 'in another tab' }),
      candidate('web-04', { status: { state: 'guest-down', at: 0 } }),
      candidate('web-05', { status: { state: 'link-lost', at: 0 } }),
      candidate('web-06', { status: { state: 'busy', pid: 7, holder: 'xl of ana' } }),
      candidate('web-07', { status: { state: 'attaching' } }),
      candidate('web-08', { readOnly: 'read-only, ana is typing' }),
      candidate('web-09', { status: { state: 'reattached', domid: 9, at: 0 } }),
    ]
    const { targets: heard, refused } = audience(all, 'pane of web-01')
    expect(heard.map(({ name }) => name)).toEqual(['web-01', 'web-09'])
    expect(refused.map(({ name, why }) => `${name}: ${why}`)).toEqual([
      'web-02: left out',
      'web-03: in another tab',
      'web-04: not running',
      'web-05: link lost',
      'web-06: in use by xl of ana',
      'web-07: attaching',
      'web-08: read-only, ana is typing',
    ])
  })

  it('has one pane for a console that several show: the one that is typed in', () => {
    const twin = candidate('web-01', { id: 'twin' })
    const all = [candidate('web-01'), twin, candidate('web-02')]
    expect(audience(all, 'twin').targets.map(({ id }) => id)).toEqual(['twin', 'pane of web-02'])
    expect(audience(all, undefined).targets.map(({ id }) => id)).toEqual(['pane of web-01', 'pane of web-02'])
    // A view that nobody sees does not stand for one that is seen.
    const behind = [candidate('web-01', { hidden: 'in another tab' }), twin]
    expect(audience(behind, undefined).targets.map(({ id }) => id)).toEqual(['twin'])
  })

  const statuses: ConsoleStatus[] = [
    attached,
    attached,
    { state: 'reattached', domid: 2, at: 0 },
    { state: 'attaching' },
    { state: 'guest-down', at: 0 },
    { state: 'link-lost', at: 0 },
    { state: 'busy', pid: 1, holder: 'somebody' },
  ]

  it('never has a pane that must get nothing, and never a console twice', () => {
    const some = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 2 }),
        name: fc.string(),
        console: fc.constantFrom('a', 'b', 'c', 'd'),
        isMember: fc.boolean(),
        hidden: fc.option(fc.constant('in another tab'), { nil: undefined }),
        status: fc.constantFrom(...statuses),
        readOnly: fc.option(fc.constant('read-only'), { nil: undefined }),
      }),
      { selector: ({ id }) => id, maxLength: 24 },
    )
    fc.assert(
      fc.property(some, fc.nat(), (all, index) => {
        const typedIn = all[index % Math.max(1, all.length)]
        const { targets: heard, refused } = audience(all, typedIn?.id)
        const byId = new Map(all.map((one) => [one.id, one]))
        const ids = heard.map(({ id }) => id)
        for (const id of ids) {
          const one = byId.get(id)
          expect(one?.isMember).toBe(true)
          expect(one?.hidden).toBeUndefined()
          expect(one?.readOnly).toBeUndefined()
          expect(['attached', 'reattached']).toContain(one?.status.state)
        }
        const consoles = ids.map((id) => byId.get(id)?.console)
        expect(new Set(consoles).size).toBe(consoles.length)
        expect(new Set([...ids, ...refused.map(({ id }) => id)])).toEqual(new Set(byId.keys()))
        expect(ids.length + refused.length).toBe(all.length)
        expect(ids).toEqual(all.map(({ id }) => id).filter((id) => ids.includes(id)))
        const isFit = typedIn?.isMember && !typedIn.hidden && !typedIn.readOnly && /attached$/.test(typedIn.status.state)
        if (isFit) expect(ids).toContain(typedIn.id)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('what is asked before something is sent', () => {
  it('is whether to send to five or more, once', () => {
    expect(doubt(targets(manyTargets - 1), nothingAgreed, never)).toBeUndefined()
    const five = doubt(targets(manyTargets), nothingAgreed, never)
    expect(five).toEqual({ many: true, roots: [] })
    if (!five) return
    expect(doubt(targets(manyTargets + 3), agree(nothingAgreed, five), never)).toBeUndefined()
  })

  it('is whether to type as root, once for each pane', () => {
    const [first, second] = targets(2)
    const asked = doubt(targets(2), nothingAgreed, (id) => id === first?.id)
    expect(asked).toEqual({ many: false, roots: [first] })
    if (!asked) return
    const agreed = agree(nothingAgreed, asked)
    expect(doubt(targets(2), agreed, (id) => id === first?.id)).toBeUndefined()
    expect(doubt(targets(2), agreed, () => true)).toEqual({ many: false, roots: [second] })
  })

  it('knows a prompt of root from others', () => {
    for (const line of [
      'root@web-01:~# ',
      '[root@fedora ~]# ',
      'root@db:/etc# systemctl rel',
      '(venv) root@x:~#',
      'root@cache-01:',
    ])
      expect(showsRoot(line)).toBe(true)
    for (const line of ['', 'web-01 login: root', 'ana@web-01:~$ ', 'Last login: from root@web-01', 'Password: ', '# comment'])
      expect(showsRoot(line)).toBe(false)
  })
})

describe('what is broadcast', () => {
  it('never holds the escape of xenconsole', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\x1d', '\r', '\x1b') }), (text) => {
        const sent = withoutEscape(text)
        expect(sent).not.toContain('\x1d')
        expect(sent).toBe([...text].filter((letter) => letter !== '\x1d').join(''))
      }),
    )
  })

  it('numbers panes in reading order, plain and padded', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `p${index}`)
    expect(ids.map((id) => paneNumber(ids, id, false))).toEqual('1 2 3 4 5 6 7 8 9 10 11 12'.split(' '))
    expect(ids.map((id) => paneNumber(ids, id, true))).toEqual('01 02 03 04 05 06 07 08 09 10 11 12'.split(' '))
    expect(paneNumber(ids.slice(0, 8), 'p7', true)).toBe('8')
  })

  it('says when it ends: in minutes, and in the last one in seconds', () => {
    expect([300_000, 299_001, 61_000, 60_000, 59_001, 1_000, 1, 0, -5].map(endsIn)).toEqual([
      'auto-off in 5 min',
      'auto-off in 5 min',
      'auto-off in 2 min',
      'auto-off in 60 s',
      'auto-off in 60 s',
      'auto-off in 1 s',
      'auto-off in 1 s',
      'auto-off in 0 s',
      'auto-off in 0 s',
    ])
  })
})
