import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConsoleWatch } from '../../src-shared/models/console'
import { deafMs, Watch } from './watch'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watch(spec: Partial<Extract<ConsoleWatch, { for: 'text' }>> | { seconds: number; lasts?: boolean }) {
  const hits: (string | undefined)[] = []
  const failures: string[] = []
  const page = { isSlow: false }
  const made = new Watch(
    'seconds' in spec
      ? { for: 'quiet', lasts: false, ...spec }
      : { for: 'text', text: 'done', isPattern: false, ignoresCase: false, lasts: false, ...spec },
    { hit: (line) => hits.push(line), failed: ({ detail }) => failures.push(detail), isHeld: () => page.isSlow },
  )
  return { hits, failures, page, watch: made, say: (text: string) => made.output(Buffer.from(text)) }
}

describe('a watch for a text', () => {
  it('tells once, with the line as it reads, over the borders of chunks', () => {
    const { hits, say } = watch({})
    say('working\r\n\u001b[32mall do')
    expect(hits).toEqual([])
    say('ne\u001b[0m now\r\nand done again\r\n')
    expect(hits).toEqual(['all done now'])
    say('done\n')
    expect(hits).toHaveLength(1)
  })

  it('finds it among many lines, also where colours part it', () => {
    for (const said of ['all done now', 'all \u001b[32mdo\u001b[0mne now']) {
      const { hits, say } = watch({})
      say(`${'working\r\n'.repeat(500)}${said}\r\n${'working\r\n'.repeat(500)}`)
      expect(hits).toEqual(['all done now'])
    }
  })

  it('tells of a prompt, which never ends its line, and once of one line', () => {
    const { hits, say } = watch({ text: 'login:', lasts: true })
    say('web-07 login: ')
    expect(hits).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(hits).toEqual(['web-07 login: '])
    vi.advanceTimersByTime(deafMs)
    say('root\r\nPassword: ')
    vi.advanceTimersByTime(1_000)
    expect(hits).toHaveLength(1)
  })

  it('that lasts tells again, but not more often than people can read', () => {
    const { hits, say } = watch({ lasts: true })
    for (let line = 0; line < 1_000; line++) say(`done ${line}\n`)
    expect(hits).toEqual(['done 0'])
    vi.advanceTimersByTime(deafMs + 1)
    say('done at last\n')
    expect(hits).toEqual(['done 0', 'done at last'])
  })

  it('heeds case as asked', () => {
    for (const [ignoresCase, count] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const { hits, say } = watch({ ignoresCase })
      say('DONE\n')
      expect(hits).toHaveLength(count)
    }
  })

  it('takes a text for what it is, and a pattern for a pattern', () => {
    const plain = watch({ text: 'a.c' })
    plain.say('abc\n')
    expect(plain.hits).toEqual([])
    const pattern = watch({ text: '^a.c$', isPattern: true })
    pattern.say('xabc\nabc\r\n')
    expect(pattern.hits).toEqual(['abc'])
  })

  it('refuses a pattern that is none, with the reason', () => {
    expect(() => watch({ text: '(', isPattern: true })).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringMatching(/Unterminated group/) }),
    )
  })

  it('gives up a pattern that takes for ever, and says so', () => {
    const { hits, failures, say } = watch({ text: '^(a+)+$', isPattern: true, lasts: true })
    say(`${'a'.repeat(4_000)}!\n`)
    expect(failures).toEqual([expect.stringMatching(/takes too long/)])
    say('aaa\n')
    expect(hits).toEqual([])
  })

  it('finds a text in a line without an end', () => {
    const { hits, say } = watch({})
    for (let chunk = 0; chunk < 100; chunk++) say('x'.repeat(10_000))
    say(' done ')
    for (let chunk = 0; chunk < 100; chunk++) say('x'.repeat(10_000))
    expect(hits).toHaveLength(1)
    expect(hits[0]?.length).toBeLessThanOrEqual(200)
  })
})

describe('a watch for silence', () => {
  it('tells when nothing has come for so long, while the console is attached', () => {
    const { hits, watch: quiet, say } = watch({ seconds: 30 })
    vi.advanceTimersByTime(100_000)
    expect(hits).toEqual([])
    quiet.attached(true)
    vi.advanceTimersByTime(29_000)
    say('x')
    vi.advanceTimersByTime(29_000)
    quiet.attached(false)
    vi.advanceTimersByTime(100_000)
    quiet.attached(true)
    vi.advanceTimersByTime(29_999)
    expect(hits).toEqual([])
    vi.advanceTimersByTime(1)
    expect(hits).toEqual([undefined])
  })

  it('that lasts waits for new output before it tells again', () => {
    const { hits, watch: quiet, say } = watch({ seconds: 30, lasts: true })
    quiet.attached(true)
    vi.advanceTimersByTime(300_000)
    expect(hits).toHaveLength(1)
    say('x')
    vi.advanceTimersByTime(30_000)
    expect(hits).toHaveLength(2)
  })

  it('takes output that waits for a slow page for output', () => {
    const { hits, page, watch: quiet } = watch({ seconds: 30 })
    quiet.attached(true)
    page.isSlow = true
    vi.advanceTimersByTime(60_000)
    expect(hits).toEqual([])
    page.isSlow = false
    vi.advanceTimersByTime(30_000)
    expect(hits).toHaveLength(1)
  })
})
