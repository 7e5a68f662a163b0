import { describe, expect, it, vi } from 'vitest'
import { parseLink } from '../../src-shared/links'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import type { Job } from '../../src-shared/models/job'
import { ProblemError } from '../../src-shared/problem'
import { emptyFleet, type Fleet, foldFleet, useFleet } from '../fleet/store'
import { testGuest, testHost } from '../testing/fleet'
import { guestCommands } from './commands'
import { closeTab, emptyDock, openTab, tabId } from './dock'
import { endedJobs, guestTroubles } from './happenings'
import { findTarget } from './links'
import { tellNews, useNotices } from './notices'
import { allGuests, type FoundGuest, pick, rank, rankGuest, ranks, readQuery, remember } from './palette-search'
import { nextRegion } from './regions'
import { inBatches } from './streams'
import { columnWidths } from './widths'

describe('the dock', () => {
  const two = openTab(openTab(emptyDock, { kind: 'host', hostId: 'a' }), { kind: 'host', hostId: 'b' })

  it('opens a page once and brings it to the front', () => {
    const again = openTab(two, { kind: 'host', hostId: 'a' })
    expect(again.tabs.map(tabId)).toEqual(['consoles', 'host:a', 'host:b'])
    expect(again.active).toBe('host:a')
  })

  it('shows the neighbour of a page that closes, and never closes the consoles', () => {
    expect(closeTab(two, 'host:b').active).toBe('host:a')
    expect(closeTab(two, 'host:a').active).toBe('host:b')
    expect(closeTab(two, 'consoles')).toBe(two)
  })
})

describe('column widths', () => {
  const wanted = { sideWidth: 280, inspectorWidth: 320, inspectorOpen: true }

  it('are as wanted where there is room', () => {
    expect(columnWidths(wanted, 1440)).toEqual({ side: 280, inspector: 320 })
    expect(columnWidths({ ...wanted, sideOpen: false, inspectorOpen: false }, 1440)).toEqual({ side: 0, inspector: 0 })
  })

  it('leave room for a terminal in a small window', () => {
    const { side, inspector } = columnWidths(wanted, 1024)
    expect(1024 - side - inspector).toBeGreaterThanOrEqual(480)
    expect(inspector).toBeGreaterThan(0)
    expect(columnWidths(wanted, 800).inspector).toBe(0)
  })
})

describe('F6', () => {
  it('goes round the regions that are there, both ways', () => {
    expect(nextRegion('side', ['side', 'centre', 'tray'], false)).toBe('centre')
    expect(nextRegion('centre', ['side', 'centre', 'tray'], false)).toBe('tray')
    expect(nextRegion('tray', ['side', 'centre', 'tray'], false)).toBe('side')
    expect(nextRegion('side', ['side', 'centre', 'tray'], true)).toBe('tray')
    expect(nextRegion(undefined, ['centre'], false)).toBe('centre')
  })
})

describe('the palette', () => {
  const fleet = foldFleet(emptyFleet, {
    type: 'snapshot',
    hosts: [testHost('dom0-bru1'), testHost('dom0-sal1')],
    guests: [...Array(30).keys()]
      .map((index) => testGuest('dom0-bru1', `web-${index}`, index))
      .concat(testGuest('dom0-sal1', 'my-web', 99), testGuest('dom0-sal1', 'web', 100)),
    bases: [],
    packages: [],
  })
  const all = allGuests(fleet)
  const find = (typed: string, recent: string[] = []) => {
    const query = readQuery(typed)
    const lately = (one: FoundGuest): number => {
      const at = recent.indexOf(one.guest.name)
      return at < 0 ? Number.POSITIVE_INFINITY : at
    }
    const found = pick(all, (one) => rankGuest(one, query), 12, lately)
    return { ...found, names: found.things.map(({ guest }) => guest.name) }
  }

  it('finds guests by name: as typed, then those that begin so, and counts what it leaves out', () => {
    const found = find('web')
    expect(found.names.slice(0, 2)).toEqual(['web', 'web-0'])
    expect(found.names).toHaveLength(12)
    expect(found.more).toBe(20)
  })

  it('puts what was chosen lately before others that fit as well, but not before a better one', () => {
    expect(find('web', ['web-7', 'my-web', 'web-3']).names.slice(0, 4)).toEqual(['web', 'web-7', 'web-3', 'web-0'])
  })

  it('finds a guest by its own and its host’s name together, and by letters in order', () => {
    expect(find('web sal1').names).toEqual(['my-web', 'web'])
    expect(find('wb29').names).toEqual(['web-29'])
    expect(find('$(reboot)').names).toEqual([])
    expect(find('W').more + 12).toBe(32)
  })

  it('finds commands by words and by initials', () => {
    const fits = (typed: string, title = 'Clone and boot on dom0-bru1') => rank(title, readQuery(typed), true)
    expect(fits('clone')).toBe(ranks.begins)
    expect(fits('boot bru')).toBe(ranks.wordsBegin)
    expect(fits('cab')).toBe(ranks.letters)
    expect(fits('boot sal')).toBeUndefined()
    expect(fits('lne')).toBeUndefined()
  })

  it('does what a verb and a name say, where it makes sense', () => {
    useFleet.setState(fleet)
    const titles = (typed: string) => guestCommands(all, readQuery(typed)).map(({ title }) => title)
    expect(titles('reboot my-web')).toEqual(['Reboot my-web'])
    expect(titles('shut down web-7')).toEqual(['Shut down web-7'])
    expect(titles('start my-web')).toEqual([])
    expect(titles('console web-7')).toEqual(['Open console of web-7'])
    expect(titles('reb web')[0]).toBe('Reboot web')
    expect(titles('reboot')).toEqual([])
  })

  it('shows few of 10,000 guests, the right ones, and remembers few', () => {
    const many = [...Array(10_000).keys()].map((index) => ({
      guest: testGuest('h', `guest-${index}`, index),
      host: testHost('h'),
    }))
    const query = readQuery('guest-77')
    const found = pick(many, (one) => rankGuest(one, query), 12)
    expect(found.things[0]?.guest.name).toBe('guest-77')
    expect(found.things).toHaveLength(12)
    const recent = [...Array(100).keys()].reduce<string[]>((before, index) => remember(before, `id ${index % 40}`, 30), [])
    expect(recent).toHaveLength(30)
    expect(recent[0]).toBe('id 19')
  })
})

describe('what happens by itself', () => {
  const me = { user: 'ana', workstation: 'desk' }
  const job = (more: Partial<Job>): Job => ({
    id: '01HZZZZZZZZZZZZZZZZZZZZZZZ',
    hostId: 'a',
    operation: 'guest.clone',
    title: 'Clone',
    targets: ['web-1'],
    by: 'ana',
    from: 'desk',
    startedAt: 0,
    state: 'running',
    steps: [],
    step: 0,
    ticks: [],
    result: {},
    left: 'pending',
    ...more,
  })
  const lives = (states: Record<string, Guest['state']>, more: Partial<Host> = {}) =>
    foldFleet(emptyFleet, {
      type: 'snapshot',
      hosts: [testHost('a', more)],
      guests: Object.entries(states).map(([name, state], index) => testGuest('a', name, index, { state })),
      bases: [],
      packages: [],
    })
  const troubles = (before: ReturnType<typeof lives>, now: ReturnType<typeof lives>, jobs: Job[] = []) =>
    guestTroubles(before, now, jobs, 100_000).map(({ crashed, stopped }) => [
      crashed.map(({ name }) => name),
      stopped.map(({ name }) => name),
    ])

  it('is told of jobs of this person that took long and were seen to end', () => {
    const ended = job({ state: 'succeeded', endedAt: 12_000 })
    expect(endedJobs([job({})], [ended], me)).toEqual([ended])
    expect(endedJobs([job({})], [job({ state: 'failed', endedAt: 11_000 })], me)).toHaveLength(1)
    expect(endedJobs([job({})], [job({ state: 'succeeded', endedAt: 9_000 })], me)).toEqual([])
    expect(endedJobs([], [ended], me)).toEqual([])
    expect(endedJobs([ended], [ended], me)).toEqual([])
    expect(endedJobs([job({ by: 'bob' })], [{ ...ended, by: 'bob' }], me)).toEqual([])
  })

  it('is told of guests that Xen says have crashed', () => {
    expect(troubles(lives({ x: 'running', y: 'crashed' }), lives({ x: 'crashed', y: 'crashed' }))).toEqual([[['x'], []]])
    expect(troubles(emptyFleet, lives({ x: 'crashed' }))).toEqual([])
  })

  it('is told of guests that stopped without a job, and not of those that a job stopped or a lost host hides', () => {
    const [before, after] = [lives({ x: 'running', y: 'running', z: 'paused' }), lives({ x: 'halted' })]
    expect(troubles(before, after)).toEqual([[[], ['x', 'y']]])
    expect(troubles(before, after, [job({ targets: ['x'], endedAt: 90_000, state: 'succeeded' })])).toEqual([[[], ['y']]])
    expect(troubles(before, after, [job({ targets: ['x', 'y'] })])).toEqual([])
    expect(troubles(before, lives({}, { connection: { phase: 'idle' } }))).toEqual([])
  })

  it('is shown once a subject, and the oldest news go', () => {
    for (let index = 0; index < 9; index++)
      tellNews({ key: `k${index % 7}`, tone: 'plain', title: `t${index}`, text: '', show: () => {} })
    const titles = useNotices.getState().notices.map((notice) => (notice.kind === 'news' ? notice.news.title : ''))
    expect(titles).toEqual(['t4', 't5', 't6', 't7', 't8'])
  })
})

describe('a link', () => {
  const fleet = foldFleet(emptyFleet, {
    type: 'snapshot',
    hosts: [testHost('bru1'), testHost('sal1'), testHost('slow', { connection: { phase: 'auth' } })],
    guests: [testGuest('bru1', 'web', 1), testGuest('sal1', 'web', 2), testGuest('sal1', 'db', 3)],
    bases: [],
    packages: [],
  })
  const refusal = (text: string, inFleet: Fleet = fleet): string => {
    try {
      findTarget(inFleet, parseLink(text))
      return ''
    } catch (error) {
      return error instanceof ProblemError ? `${error.code} ${error.message}` : 'not a problem'
    }
  }

  it('finds hosts and guests by name or UUID', () => {
    expect(findTarget(fleet, parseLink('domdeck://host/bru1'))?.host.settings.name).toBe('bru1')
    expect(findTarget(fleet, parseLink('domdeck://guest/db'))?.guest?.name).toBe('db')
    expect(findTarget(fleet, parseLink('domdeck://console/web?host=sal1'))?.guest?.hostId).toBe('sal1')
    expect(findTarget(fleet, parseLink(`domdeck://guest/${testGuest('sal1', 'web', 2).id.toUpperCase()}`))?.guest?.hostId).toBe(
      'sal1',
    )
  })

  it('waits for what may come, and says what is nowhere or could be several', () => {
    expect(findTarget(emptyFleet, parseLink('domdeck://host/x'))).toBeUndefined()
    expect(findTarget(fleet, parseLink('domdeck://guest/nobody'))).toBeUndefined()
    expect(refusal('domdeck://guest/nobody?host=bru1')).toContain('NOT_FOUND There is no guest nobody on bru1.')
    expect(refusal('domdeck://host/nowhere')).toContain('NOT_FOUND There is no host nowhere')
    expect(refusal('domdeck://guest/web')).toContain('BAD_INPUT 2 guests are named web, on bru1, sal1.')
  })
})

describe('events of a stream', () => {
  it('are taken at once after a quiet time, and together while they pour in; none is lost and the order is kept', () => {
    vi.useFakeTimers()
    const seen: number[] = []
    const take = inBatches((event: number) => seen.push(event))
    take(1)
    expect(seen).toEqual([1])
    take(2)
    take(3)
    expect(seen).toEqual([1])
    vi.advanceTimersByTime(1000)
    expect(seen).toEqual([1, 2, 3])
    expect(vi.getTimerCount()).toBe(0)
    take(4)
    expect(seen).toEqual([1, 2, 3, 4])
    vi.useRealTimers()
  })
})
