import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeFrame } from '../../src-shared/console-frame'
import type { ByteLane } from '../../src-shared/duplex'
import { dom0Id } from '../../src-shared/models/console'
import { ProblemError } from '../../src-shared/problem'
import { usePage } from '../api/page'
import { useFleet } from '../fleet/store'
import { boxes } from '../layout/neighbour'
import { leaf } from '../layout/tree'
import { testHost } from '../testing/fleet'
import { closeWithHosts } from './follow-hosts'
import { dockAct } from './keys'
import {
  activeTab,
  closePane,
  emptyLayout,
  focusedPane,
  focusNext,
  focusSide,
  open,
  orderedPanes,
  paneLabel,
  setReadOnly,
  splitPane,
  toggleMaximised,
  visiblePanes,
  type Wanted,
} from './layout'
import { linkTarget, openLink } from './links'
import { pageLane } from './page-lane'
import { pasteBytes, pasteFacts, pastePieces } from './paste'
import { restoreLayout, saveLayout } from './saved-layout'
import { isOffline, stripFace } from './status'
import { mayType, newFacts, useConsoles } from './store'
import { newTab, renameTab, showTab, tabTitle } from './tabs'
import { giveTitle } from './titles'
import { isHardware } from './webgl'

let count = 0
const newId = (): string => `p${++count}`
const guest = (name: string, hostId = 'dom0-a'): Wanted => ({ hostId, guestId: `uuid-${name}`, name })
const many = (names: string): Wanted[] => names.split(' ').map((name) => guest(name))

describe('opening consoles', () => {
  it('makes a grid of the first ones and focuses the first', () => {
    const layout = open(emptyLayout, many('a b c d'), newId)
    const names = orderedPanes(layout).map((id) => layout.panes.get(id)?.name)
    expect(names).toEqual(['a', 'b', 'c', 'd'])
    expect(boxes(activeTab(layout).tree).map(({ right, left }) => right - left)).toEqual([0.5, 0.5, 0.5, 0.5])
    expect(layout.panes.get(focusedPane(layout) ?? '')?.name).toBe('a')
  })

  it('goes to the pane that a guest has already', () => {
    const before = open(emptyLayout, many('a b'), newId)
    const after = open(before, [guest('b')], newId)
    expect(after.panes.size).toBe(2)
    expect(activeTab(after).tree).toBe(activeTab(before).tree)
    expect(after.panes.get(focusedPane(after) ?? '')?.name).toBe('b')
  })

  it('opens another guest of the same UUID on another host', () => {
    expect(open(open(emptyLayout, many('a'), newId), [guest('a', 'dom0-b')], newId).panes.size).toBe(2)
  })

  it('keeps panes of one job alike in size, however they come', () => {
    let layout = emptyLayout
    for (const name of 'a b c d e f g h'.split(' ')) layout = open(layout, [guest(name)], newId)
    const areas = boxes(activeTab(layout).tree).map(({ left, right, top, bottom }) => (right - left) * (bottom - top))
    expect(Math.max(...areas) / Math.min(...areas)).toBeLessThanOrEqual(2.001)
  })
})

describe('working with panes', () => {
  it('splits into another pane on the same guest, and gives the focus on when a pane closes', () => {
    const one = open(emptyLayout, many('a b'), newId)
    const [a = ''] = orderedPanes(one)
    const split = splitPane(one, a, 'column', newId)
    expect([...split.panes.values()].filter(({ name }) => name === 'a')).toHaveLength(2)
    expect(focusedPane(split)).not.toBe(a)
    const closed = closePane(split, focusedPane(split) ?? '')
    expect(closed.panes.get(focusedPane(closed) ?? '')?.name).toBe('b')
    expect(closePane(closePane(closed, a), focusedPane(closed) ?? '')).toEqual(emptyLayout)
  })

  it('has another name for each pane of one guest', () => {
    const layout = splitPane(open(emptyLayout, many('a b'), newId), `p${count - 1}`, 'row', newId)
    const labels = orderedPanes(layout).map((id) => paneLabel(layout, id, layout.panes.get(id)?.name ?? ''))
    expect(labels).toEqual(['Console a', 'Console a, pane 2', 'Console b'])
  })

  it('moves the focus in order and by direction, which ends a maximised pane', () => {
    const grid = open(emptyLayout, many('a b c d'), newId)
    const [a = '', b, c, d] = orderedPanes(grid)
    const layout = toggleMaximised(grid, a)
    expect(visiblePanes(layout)).toEqual([a])
    expect(activeTab(focusNext(layout, -1))).toMatchObject({ focused: d, maximised: undefined })
    expect(focusedPane(focusSide(layout, 'right'))).toBe(b)
    expect(focusedPane(focusSide(layout, 'down'))).toBe(c)
    expect(focusedPane(focusSide(layout, 'left'))).toBe(b)
    expect(focusedPane(layout)).toBe(a)
  })

  it('lets a person type in any pane of the guest that this page writes to, and in no other', () => {
    const layout = splitPane(open(emptyLayout, many('a b'), newId), `p${count - 1}`, 'row', newId)
    const [first = '', twin = '', other = ''] = orderedPanes(layout)
    const facts = new Map([
      [first, { ...newFacts, writer: { self: true, who: undefined } }],
      [twin, { ...newFacts, writer: { self: false, who: 'ana' } }],
      [other, { ...newFacts, writer: { self: false, who: 'ben' } }],
    ])
    expect([first, twin, other].map((id) => mayType({ ...layout, facts }, id))).toEqual([true, true, false])
  })

  it('lets nobody type in a read-only pane, and in another one on its guest all the same', () => {
    const plain = open(emptyLayout, many('a'), newId)
    const [first = ''] = orderedPanes(plain)
    const layout = splitPane(setReadOnly(plain, first, true), first, 'row', newId)
    const [, twin = ''] = orderedPanes(layout)
    const facts = new Map([first, twin].map((id) => [id, { ...newFacts, writer: { self: true, who: undefined } }]))
    expect([first, twin].map((id) => mayType({ ...layout, facts }, id))).toEqual([false, true])
    expect(mayType({ ...setReadOnly(layout, first, false), facts }, first)).toBe(true)
    expect(setReadOnly(layout, 'gone', true)).toBe(layout)
  })
})

describe('a layout in the preferences', () => {
  it('comes back with its guests', () => {
    const layout = open(emptyLayout, many('a b c'), newId)
    const back = restoreLayout(JSON.parse(JSON.stringify(saveLayout(layout))))
    expect(orderedPanes(back)).toEqual(orderedPanes(layout))
    expect(back.panes).toEqual(layout.panes)
  })

  it('comes back with its tabs, the same in front', () => {
    const first = renameTab(open(emptyLayout, many('a b'), newId), 'first', 'web')
    const layout = showTab(open(newTab(first, newId), many('c d e'), newId), 'first')
    const back = restoreLayout(JSON.parse(JSON.stringify(saveLayout(layout))))
    expect(back.tabs.map(({ name, tree }) => [name, tree])).toEqual(layout.tabs.map(({ name, tree }) => [name, tree]))
    expect(back.active).toBe('first')
  })

  it('comes back with what is read-only', () => {
    const layout = open(emptyLayout, many('a b'), newId)
    const [first = '', second = ''] = orderedPanes(layout)
    const back = restoreLayout(JSON.parse(JSON.stringify(saveLayout(setReadOnly(layout, first, true)))))
    expect([first, second].map((id) => back.panes.get(id)?.readOnly)).toEqual([true, undefined])
  })

  it('comes back with what somebody called its panes and the window, and without what nobody could', () => {
    const layout = open(emptyLayout, many('a b'), newId)
    const [first = ''] = orderedPanes(layout)
    const titled = giveTitle(giveTitle(layout, { of: 'pane', id: first }, ' canary '), { of: 'window' }, 'Bruges')
    const kept = saveLayout(titled)
    const back = restoreLayout(JSON.parse(JSON.stringify(kept)))
    expect([back.panes.get(first)?.title, back.title]).toEqual(['canary', 'Bruges'])
    expect(tabTitle({ ...back, tabs: [...back.tabs, ...newTab(back, newId).tabs] }, activeTab(back))).toBe('canary +1')
    // Another view of the guest is not what was called so, and an empty title is none.
    expect([...splitPane(back, first, 'row', newId).panes.values()].filter(({ title }) => title !== undefined)).toHaveLength(1)
    const plain = giveTitle(giveTitle(back, { of: 'pane', id: first }, ' '), { of: 'window' }, '')
    expect([plain.panes.get(first)?.title, plain.title]).toEqual([undefined, ''])
    const edited = restoreLayout(JSON.parse(JSON.stringify(kept).replace('canary', 'x'.repeat(99)).replace('"Bruges"', '7')))
    expect([edited.panes.size, edited.panes.get(first)?.title, edited.title]).toEqual([2, undefined, ''])
  })

  it('of before there were tabs is read', () => {
    const old = { version: 1, tree: leaf('x'), panes: [{ id: 'x', ...guest('a') }] }
    expect(restoreLayout(old)).toMatchObject({ tabs: [{ name: '', tree: leaf('x'), focused: 'x' }] })
  })

  it('leaves out a tab that makes no sense', () => {
    const pane = { id: 'x', ...guest('a') }
    const tabs = [
      { id: 'one', name: '', tree: leaf('y') },
      { id: 'two', name: 'kept', tree: leaf('x') },
      { id: 'three', name: 'the same pane again', tree: leaf('x') },
    ]
    const back = restoreLayout({ version: 2, panes: [pane], tabs, active: 'one' })
    expect(back).toMatchObject({ tabs: [{ name: 'kept' }], active: 'two' })
  })

  it('is empty when there is none, or one that names panes which are not there', () => {
    expect(restoreLayout(undefined)).toEqual(emptyLayout)
    expect(restoreLayout({ version: 1, tree: { kind: 'leaf', id: 'x' }, panes: [] })).toEqual(emptyLayout)
    expect(restoreLayout(saveLayout(emptyLayout))).toEqual(emptyLayout)
  })
})

describe('a pane that is a shell', () => {
  const shell: Wanted = { hostId: 'dom0-a', guestId: dom0Id, name: 'ares', shell: { kind: 'host', id: 's1', as: 'root' } }
  const ssh: Wanted = { ...guest('web'), shell: { kind: 'guest', id: 's2', user: 'root', address: '10.0.0.7', port: 22 } }

  it('is not the console of its guest, nor another shell, and is called what it is', () => {
    const layout = open(
      emptyLayout,
      [guest('web'), ssh, { ...ssh, shell: { ...ssh.shell, id: 's3' } as Wanted['shell'] }, shell],
      newId,
    )
    const labels = orderedPanes(layout).map((id) => paneLabel(layout, id, layout.panes.get(id)?.name ?? ''))
    expect(labels).toEqual(['Console web', 'SSH web', 'SSH web, pane 2', 'Shell ares'])
    expect(open(layout, [shell], newId).panes.size).toBe(4)
    const [consoleId, sshId] = orderedPanes(layout) as [string, string]
    const facts = new Map([[consoleId, { ...newFacts, writer: { self: true, who: undefined } }]])
    expect([consoleId, sshId].map((id) => mayType({ panes: layout.panes, facts }, id))).toEqual([true, false])
  })

  it('is split into another shell, and comes back from a kept layout as one that opens when asked', () => {
    const layout = open(emptyLayout, [shell], newId)
    const back = restoreLayout(JSON.parse(JSON.stringify(saveLayout(layout))))
    const [kept] = back.panes.values()
    expect(kept).toMatchObject({ shell: { id: 's1' }, restored: true })
    const [, twin] = splitPane(back, kept?.id ?? '', 'row', newId).panes.values()
    expect(twin?.shell).toMatchObject({ kind: 'host', as: 'root' })
    expect(twin?.shell?.id).not.toBe('s1')
    expect(twin?.restored).toBeUndefined()
  })

  it('says how it ended, and what one can do', () => {
    const names = { guest: 'ares', host: 'ares', shellWords: 'a shell on ares' }
    expect(stripFace({ state: 'closed' }, names, undefined)?.text).toBe('Press Enter to open a shell on ares')
    expect(stripFace({ state: 'ended', at: 0, exitCode: 3 }, names, undefined)?.text).toContain('ended with status 3 at')
    expect(stripFace({ state: 'ended', at: 0, exitCode: 143 }, names, undefined)?.text).toContain('ended by signal 15 at')
    const { problem } = new ProblemError('CONNECTION_LOST', 'The connection to ares was lost.')
    expect(stripFace({ state: 'ended', at: 0, problem }, names, undefined)).toMatchObject({
      text: expect.stringContaining('ended with its link'),
      action: { kind: 'open' },
    })
  })
})

describe('a host that is removed', () => {
  const page = { client: undefined as never, bytes: undefined as never, onLost: () => undefined }
  const settle = (names: string[]) => useFleet.setState({ hosts: names.map((name) => testHost(name)) })
  const shown = () => [...useConsoles.getState().panes.values()].map(({ name }) => name)

  it('takes its panes along, but not when only the main side began anew', () => {
    usePage.setState({ page })
    closeWithHosts()
    settle(['dom0-a', 'dom0-b'])
    useConsoles.getState().arrange(() => open(emptyLayout, [guest('a'), guest('b', 'dom0-b')], newId))
    settle(['dom0-a'])
    expect(shown()).toEqual(['a'])
    usePage.setState({ page: { ...page } })
    settle([])
    expect(shown()).toEqual(['a'])
    settle(['dom0-a'])
    settle([])
    expect(shown()).toEqual([])
  })
})

describe('keys', () => {
  const key = (text: string, more: Partial<KeyboardEvent> = {}) =>
    dockAct({
      key: text,
      code: /^[a-z]$/i.test(text) ? `Key${text.toUpperCase()}` : text,
      ctrlKey: false,
      shiftKey: false,
      altKey: false,
      metaKey: false,
      ...more,
    })
  it('are Terminator’s', () => {
    const chord = { ctrlKey: true, shiftKey: true }
    expect(key('E', chord)).toEqual({ act: 'split', direction: 'row' })
    expect(key('O', chord)).toEqual({ act: 'split', direction: 'column' })
    expect(key('W', chord)).toEqual({ act: 'close' })
    expect(key('P', chord)).toEqual({ act: 'next', step: -1 })
    expect(key('ArrowUp', { altKey: true })).toEqual({ act: 'go', side: 'up' })
    // A Greek keyboard prints another letter on the key of X.
    expect(key('Χ', { ...chord, code: 'KeyX' })).toEqual({ act: 'maximise', zoom: false })
  })

  it('leave all others to the guest', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'.split('')
    for (const letter of letters) {
      expect(key(letter)).toBeUndefined()
      expect(key(letter, { ctrlKey: true })).toBeUndefined()
      expect(key(letter, { altKey: true })).toBeUndefined()
    }
    for (const name of ['Tab', 'Escape', 'F2', 'F12', 'ArrowUp', 'Enter']) expect(key(name)).toBeUndefined()
    expect(key('V', { ctrlKey: true, shiftKey: true })).toBeUndefined()
  })
})

describe('a paste', () => {
  it('sends line ends as Enter and no control characters', () => {
    expect(pasteBytes('set -e\r\necho\tä\n', false)).toBe('set -e\recho\tä\r')
    expect(pasteBytes('a\x1b[201~\x03\x1d\x7f\x9bb', true)).toBe('\x1b[200~a[201~b\x1b[201~')
  })

  it('goes in parts of whole lines that make the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3000, size: 'max' }), { maxLength: 6 }), (lines) => {
        const text = lines.join('\r')
        const pieces = pastePieces(text)
        expect(pieces.join('')).toBe(text)
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(2000)
          expect(new TextDecoder().decode(new TextEncoder().encode(piece))).toBe(piece)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is counted and previewed as a person sees it', () => {
    expect(pasteFacts('one\ntwo\n')).toMatchObject({ lines: 2, preview: 'one\ntwo' })
    expect(pasteFacts('x\n'.repeat(40))).toMatchObject({ lines: 40, preview: expect.stringContaining('and 28 more lines') })
  })
})

describe('the page’s lane', () => {
  function lane() {
    let receive: (frame: Uint8Array) => void = () => undefined
    const bytes: ByteLane = {
      send: () => undefined,
      onFrame: (listener) => {
        receive = listener
      },
      onClose: () => undefined,
    }
    return {
      lane: pageLane(bytes),
      data: (stream: number, text: string) => receive(encodeFrame({ kind: 'data', stream, bytes: Buffer.from(text) })),
    }
  }

  it('is one for a connection, and hears from the first byte on', () => {
    let receivers = 0
    const bytes: ByteLane = { send: () => undefined, onFrame: () => void receivers++, onClose: () => undefined }
    expect(pageLane(bytes)).toBe(pageLane(bytes))
    expect(receivers).toBe(1)
  })

  it('keeps bytes that come before their number is known, and gives each stream its own', () => {
    const { lane: page, data } = lane()
    data(1, 'early ')
    data(2, 'other')
    const heard: string[] = []
    page.listen(1, (bytes) => heard.push(Buffer.from(bytes).toString()))
    data(1, 'late')
    expect(heard).toEqual(['early ', 'late'])
  })
})

describe('a guest that is not trusted', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('opens links only with Ctrl, and only http and https', () => {
    const opened: unknown[] = []
    vi.stubGlobal('window', { open: (...all: unknown[]) => opened.push(all) })
    const ctrl = { ctrlKey: true, metaKey: false }
    openLink({ ctrlKey: false, metaKey: false }, 'https://example.org')
    for (const uri of ['javascript:alert(1)', 'file:///etc/passwd', 'app://x', 'data:text/html,x']) openLink(ctrl, uri)
    expect(opened).toEqual([])
    openLink(ctrl, 'https://example.org/a')
    expect(opened).toEqual([['https://example.org/a', '_blank', 'noopener,noreferrer']])
    // Letters that look like others, and what stands before an @, deceive nobody.
    expect(linkTarget('https://ехample.org')).toBe('https://xn--ample-ywe6i.org/')
    expect(linkTarget('https://good.example@evil.example/')).toBe('https://good.example@evil.example/')
  })
})

describe('status words', () => {
  const names = { guest: 'web-07', host: 'dom0-a' }
  it('name the object and the next step', () => {
    const at = new Date(2026, 0, 2, 14, 2, 11).getTime()
    expect(stripFace({ state: 'reattached', domid: 42, at }, names, undefined)?.text).toBe(
      'Guest rebooted - reattached as domid 42 at 14:02:11',
    )
    expect(stripFace({ state: 'reattached', domid: 4, at, movedTo: 'dom0-b' }, names, undefined)?.text).toBe(
      'Guest moved to dom0-b - reattached as domid 4 at 14:02:11',
    )
    expect(stripFace({ state: 'link-lost', at }, names, undefined)?.text).toBe('Link lost at 14:02:11')
    expect(stripFace({ state: 'busy', pid: 12, holder: 'xenconsole 7 of root' }, names, undefined)).toMatchObject({
      text: 'In use by xenconsole 7 of root, pid 12',
      action: { kind: 'take-over', pid: 12 },
      dismissible: false,
    })
    const held = { state: 'busy', pid: 12, holder: 'xl console 7 of ana', since: at } as const
    expect(stripFace(held, names, undefined)?.text).toMatch(/^In use by xl console 7 of ana, pid 12, since .*14:02$/)
    expect(stripFace({ state: 'attached', domid: 1 }, names, undefined)).toBeUndefined()
    expect(isOffline({ state: 'guest-down', at })).toBe(true)
    expect(stripFace({ state: 'attached', domid: 42 }, names, undefined)).toBeUndefined()
    expect(stripFace({ state: 'attached', domid: 42, missed: true }, names, undefined)?.text).toBe(
      'What web-07 said while the link was lost may be missing',
    )
    expect(isOffline({ state: 'reattached', domid: 1, at })).toBe(false)
  })
})

describe('WebGL', () => {
  it('is for graphics cards only', () => {
    expect(isHardware('ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)')).toBe(true)
    expect(isHardware('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)')).toBe(false)
    expect(isHardware('llvmpipe (LLVM 15.0.6, 256 bits)')).toBe(false)
  })
})
