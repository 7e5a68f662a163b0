import { Terminal } from '@xterm/xterm'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { guardTerminal, requestsPerSecond } from './guard'
import { hearHyperlinks } from './hyperlinks'

function guarded(now: () => number = () => 0) {
  const xterm = new Terminal({ allowProposedApi: true, cols: 80, rows: 24, scrollback: 1000, logLevel: 'off' })
  const guard = guardTerminal(xterm, now)
  hearHyperlinks(xterm, { activate: vi.fn(), hover: vi.fn(), leave: vi.fn() })
  const sent: { text: string; isAnswer: boolean }[] = []
  xterm.onData((text) => sent.push({ text, isAnswer: guard.isAnswer() }))
  const print = (bytes: string | Uint8Array): Promise<void> => new Promise((resolve) => xterm.write(bytes, resolve))
  const row = (index: number): string => xterm.buffer.active.getLine(index)?.translateToString(true) ?? ''
  return { xterm, sent, print, row }
}

describe('questions', () => {
  it('are answered, known as answers, and typing is not', async () => {
    const { xterm, sent, print } = guarded()
    await print('\x1b[c\x1b[6n\x1bP$qm\x1b\\')
    expect(sent.map(({ text }) => text)).toEqual(['\x1b[?1;2c', '\x1b[1;1R', '\x1bP1$r0m\x1b\\'])
    xterm.input('x')
    expect(sent.map(({ isAnswer }) => isAnswer)).toEqual([true, true, true, false])
  })

  it('of a flood are answered some in a second', async () => {
    let now = 0
    const { sent, print } = guarded(() => now)
    for (const question of ['\x1b[c', '\x1b[>c', '\x1b[6n', '\x1b[5n', '\x1b[?6n', '\x1b[2$p', '\x1b[?25$p', '\x1bP$qr\x1b\\']) {
      await print(question.repeat(5_000))
      expect(sent).toHaveLength(requestsPerSecond)
      sent.length = 0
      now += 1000
    }
    await print(`\x1b]4;${'0;?;'.repeat(100_000)}\x07`)
    expect(sent).toEqual([])
  })

  it('about the window are not answered, nor is the window moved', async () => {
    const { xterm, sent, print } = guarded()
    const resized = vi.fn()
    xterm.onResize(resized)
    for (let act = 1; act < 30; act++) await print(`\x1b[${act};100;100t`)
    await print('\x1b[?3h\x1b[?40h\x1b[?3h')
    expect(sent).toEqual([])
    expect(resized).not.toHaveBeenCalled()
  })
})

describe('counts that no screen has room for', () => {
  it('take no time and change nothing, sensible ones do their work', async () => {
    const { print, row } = guarded()
    const began = performance.now()
    for (const final of 'STLMbIZ@PX') await print(`\x1b[H\x1b[2Jword\r\x1b[C\x1b[2147483647${final}`)
    await print('\x1b[99999999999999999999999b\x1b[1;999999999;7;;;:::::5m')
    expect(performance.now() - began).toBeLessThan(1_000)
    await print('\x1b[H\x1b[2Jone\r\ntwo\x1b[H\x1b[L\x1b[2;10Hab\x1b[3b')
    expect([row(0), row(1), row(2)]).toEqual(['', 'one      abbbb', 'two'])
  })
})

it('millions of marks on one letter fill cells of their own', async () => {
  const { xterm, print } = guarded()
  await print(`e${'\u0301'.repeat(200_000)}\r\nñ`)
  for (let index = 0; index < xterm.buffer.active.length; index++)
    expect(xterm.buffer.active.getLine(index)?.translateToString(true).length).toBeLessThan(80 * 20)
  const { row } = await (async () => {
    const other = guarded()
    await other.print('n\u0303o e\u0301')
    return other
  })()
  expect(row(0)).toBe('n\u0303o e\u0301')
})

// What guests print that nobody should: pieces of sequences, cut anywhere.
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1b_',
        '\x1b^',
        '\x1bX',
        '\x9b',
        '\x1b',
        '\x1b]52;c;',
        '\x1b]0;',
        '\x1b]8;;',
        '\x1b]4;',
      ),
      fc.array(
        fc.oneof(fc.constantFrom(';', ':', '?', '>', '!', '$', '"', "'", ' ', '#', '-', '='), fc.nat(2 ** 31).map(String)),
        { maxLength: 8 },
      ),
      fc.constantFrom(...'@ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstu}~c\\\x07\x18\x1a\x9c'),
    )
    .map(([begin, middle, end]) => new TextEncoder().encode(`${begin}${middle.join('')}${end}`)),
  fc
    .constantFrom(
      '\x07',
      '\x1b[?1000h\x1b[?1003h\x1b[?1006h',
      '\x1b[?1049h',
      '\x1b[?1049l',
      '\x1bc',
      'https://x.example/',
      '\xff\xfe',
      '漢e\u0301',
    )
    .map((text) => new TextEncoder().encode(text)),
)

it('whatever comes, nothing is thrown, the screen keeps its size and little is answered', async () => {
  const thrown: unknown[] = []
  const onThrown = (error: unknown): void => void thrown.push(error)
  process.on('uncaughtException', onThrown)
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 200 }), async (pieces) => {
      const { xterm, sent, print, row } = guarded()
      for (const piece of pieces) xterm.write(piece)
      // CAN ends what is under way; then the terminal still works.
      await print('\x18\x1bc\x1b[?1049lstill here')
      expect(row(xterm.buffer.active.baseY)).toBe('still here')
      expect([xterm.cols, xterm.rows]).toEqual([80, 24])
      expect(xterm.buffer.active.length).toBeLessThanOrEqual(1024)
      expect(sent.reduce((total, { text }) => total + text.length, 0)).toBeLessThan(requestsPerSecond * 100)
      expect(sent.every(({ isAnswer }) => isAnswer)).toBe(true)
      xterm.dispose()
    }),
    { numRuns: 200 },
  )
  process.off('uncaughtException', onThrown)
  expect(thrown).toEqual([])
})

/** What is in use after the garbage is gone. */
function keptBytes(): number {
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
  process.getBuiltinModule('node:vm').runInNewContext('gc')()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

it('megabytes in one line, and strings without end, stay bounded', async () => {
  const { xterm, print, row } = guarded()
  const before = keptBytes()
  const megabyte = new Uint8Array(1024 * 1024).fill(0x61)
  for (let piece = 0; piece < 20; piece++) await print(megabyte)
  expect(xterm.buffer.active.length).toBe(1024)
  for (const begin of ['\x1b]0;', '\x1bPq', '\x1b_', '\x1b]52;c;']) {
    await print(begin)
    for (let piece = 0; piece < 11; piece++) await print(megabyte)
  }
  expect(keptBytes() - before).toBeLessThan(64 * 1024 * 1024)
  await print('\x18\x1bcstill here')
  expect(row(xterm.buffer.active.baseY)).toBe('still here')
}, 60_000)
