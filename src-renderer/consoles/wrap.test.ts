import { Terminal } from '@xterm/xterm'
import { expect, it } from 'vitest'
import { resizeKeepingWrap } from './wrap'

const made = () => {
  const xterm = new Terminal({ allowProposedApi: true, cols: 20, rows: 10, logLevel: 'off' })
  const print = (text: string): Promise<void> => new Promise((resolve) => xterm.write(text, resolve))
  const rows = (): string[] =>
    Array.from(
      { length: xterm.buffer.active.length },
      (_, index) => xterm.buffer.active.getLine(index)?.translateToString(true) ?? '',
    )
  return { xterm, print, rows }
}

it('a line that is full when a strip comes or goes keeps its last character', async () => {
  for (const height of [8, 12]) {
    const { xterm, print, rows } = made()
    await print('0123456789'.repeat(2))
    resizeKeepingWrap(xterm, () => xterm.resize(20, height))
    await print('abc')
    expect(rows().slice(0, 2)).toEqual(['01234567890123456789', 'abc'])
    expect(xterm.buffer.active.getLine(1)?.isWrapped).toBe(true)
  }
})

it('a line that is full goes on in a wider terminal, and below in a narrower one', async () => {
  const wide = made()
  await wide.print('0123456789'.repeat(2))
  resizeKeepingWrap(wide.xterm, () => wide.xterm.resize(30, 10))
  await wide.print('abc')
  expect(wide.rows()[0]).toBe('01234567890123456789abc')
  const narrow = made()
  await narrow.print('0123456789'.repeat(2))
  resizeKeepingWrap(narrow.xterm, () => narrow.xterm.resize(15, 10))
  await narrow.print('abc')
  expect(narrow.rows().slice(0, 2)).toEqual(['012345678901234', 'abc'])
})

it('any other place of the cursor is left to xterm', async () => {
  const { xterm, print, rows } = made()
  await print('0123456789')
  resizeKeepingWrap(xterm, () => xterm.resize(20, 8))
  await print('abc')
  expect(rows()[0]).toBe('0123456789abc')
})
