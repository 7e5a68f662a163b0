import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConsoleWatch } from '../../src-shared/models/console'
import { useNotices } from '../frame/notices'
import { emptyLayout, movePaneToHost, open } from './layout'
import { newFacts, useConsoles } from './store'
import { noteWatch, watchHit, watchWords } from './watches'

const text: ConsoleWatch = { for: 'text', text: 'login:', isPattern: false, ignoresCase: false, lasts: false }
const layout = open(emptyLayout, [{ hostId: 'dom0-a', guestId: 'uuid-web', name: 'web' }], () => 'p1')
const pane = layout.panes.get('p1')
if (!pane) throw new Error('There is no pane.')

beforeEach(() => {
  vi.stubGlobal('document', { hasFocus: () => true })
  useNotices.setState({ notices: [] })
  useConsoles.setState({ ...layout, facts: new Map([['p1', newFacts]]) })
})

afterEach(() => void vi.unstubAllGlobals())

const watch = () => useConsoles.getState().facts.get('p1')?.watch
const told = () =>
  useNotices.getState().notices.map((notice) => (notice.kind === 'news' ? `${notice.news.title}|${notice.news.text}` : ''))

describe('what a pane waits for', () => {
  it('is told with the line that has it, once', () => {
    noteWatch('p1', text)
    watchHit(pane, 'web login: ')
    expect(told()).toEqual(['web: “login:” appears|web login:'])
    expect(watch()).toBeUndefined()
    // Another window, or a late event.
    watchHit(pane, 'web login: ')
    expect(told()).toHaveLength(1)
  })

  it('is told again and again in one notice when it lasts', () => {
    noteWatch('p1', { for: 'quiet', seconds: 30, lasts: true })
    watchHit(pane, undefined)
    watchHit(pane, undefined)
    expect(told()).toEqual(['web is quiet for 30 s|Nothing more has come from its console.'])
    expect(watch()).toBeDefined()
  })

  it('is said in words', () => {
    expect(watchWords({ ...text, isPattern: true, text: '^a+$' })).toBe('/^a+$/ appears')
    expect(watchWords({ for: 'quiet', seconds: 5, lasts: false })).toBe('it is quiet for 5 s')
  })
})

it('a pane goes with its guest to another host', () => {
  expect(movePaneToHost(layout, 'p1', 'dom0-b').panes.get('p1')).toEqual({ ...pane, hostId: 'dom0-b' })
  expect(movePaneToHost(layout, 'gone', 'dom0-b')).toBe(layout)
})
