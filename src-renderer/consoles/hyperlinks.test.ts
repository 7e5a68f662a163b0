import { type ILink, type ILinkProvider, Terminal } from '@xterm/xterm'
import { expect, it, vi } from 'vitest'
import { hearHyperlinks } from './hyperlinks'

function made() {
  const xterm = new Terminal({ allowProposedApi: true, cols: 20, rows: 5, scrollback: 50, logLevel: 'off' })
  let provider: ILinkProvider | undefined
  vi.spyOn(xterm, 'registerLinkProvider').mockImplementation((one) => {
    provider = one
    return { dispose: () => undefined }
  })
  const handlers = { activate: vi.fn(), hover: vi.fn(), leave: vi.fn() }
  hearHyperlinks(xterm, handlers)
  const print = (text: string): Promise<void> => new Promise((resolve) => xterm.write(text, resolve))
  const linksIn = (row: number): ILink[] => {
    let found: ILink[] = []
    provider?.provideLinks(row, (links) => {
      found = links ?? []
    })
    return found
  }
  const row = (index: number): string => xterm.buffer.active.getLine(index)?.translateToString(true) ?? ''
  return { xterm, handlers, print, linksIn, row }
}

const link = (address: string, text: string): string => `\x1b]8;;${address}\x1b\\${text}\x1b]8;;\x1b\\`

it('a link is the text between its two ends, and leads where its address says', async () => {
  const { handlers, print, linksIn, row } = made()
  await print(`see ${link('https://xén.example/a b', 'this page')} now`)
  expect(row(0)).toBe('see this page now')
  expect(linksIn(1)).toMatchObject([
    { text: 'https://xn--xn-bja.example/a%20b', range: { start: { x: 5, y: 1 }, end: { x: 13, y: 1 } }, ...handlers },
  ])
  expect(linksIn(2)).toEqual([])
})

it('one that goes on in the next row is in both, also where it begins at the edge', async () => {
  const { print, linksIn } = made()
  await print(
    `0123456789abcdef${link('https://a.example/', 'wrapped')}\r\n0123456789abcdefghij${link('https://b.example/', 'next')}`,
  )
  for (const row of [1, 2]) expect(linksIn(row)[0]?.range).toEqual({ start: { x: 17, y: 1 }, end: { x: 3, y: 2 } })
  expect(linksIn(3)).toEqual([])
  expect(linksIn(4)[0]).toMatchObject({ text: 'https://b.example/', range: { start: { x: 1, y: 4 }, end: { x: 4, y: 4 } } })
})

it('a script, a file, an address that is none or absurdly long is only text', async () => {
  for (const address of [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'domdeck://host/a',
    'data:text/html,x',
    '',
    'x',
    `https://a.example/${'x'.repeat(3_000)}`,
  ]) {
    const { xterm, print, linksIn, row } = made()
    await print(link(address, 'click'))
    expect(row(0)).toBe('click')
    expect(linksIn(1)).toEqual([])
    expect(xterm.markers).toHaveLength(0)
  }
})

it('what is written over one is no link, nor is anything on the other screen', async () => {
  const { print, linksIn } = made()
  await print(`${link('https://a.example/', 'good')}\rbad!`)
  expect(linksIn(1)).toEqual([])
  await print(`\r\n${link('https://a.example/', 'kept')}\x1b[?1049h${link('https://b.example/', 'gone')}`)
  for (const row of [1, 2, 3]) expect(linksIn(row)).toEqual([])
  await print('\x1b[?1049l')
  expect(linksIn(2)).toHaveLength(1)
})

it('moves with its line, and goes with it', async () => {
  const { xterm, print, linksIn } = made()
  await print(`${link('https://a.example/', 'here')}\r\n${'\r\n'.repeat(50)}`)
  expect(linksIn(1)).toHaveLength(1)
  await print('\r\n'.repeat(10))
  for (let row = 1; row <= xterm.buffer.active.length; row++) expect(linksIn(row)).toEqual([])
})

it('thousands, and one that never ends, cost no more than some', async () => {
  const { xterm, print, linksIn } = made()
  await print(Array.from({ length: 20_000 }, (_, index) => link(`https://a.example/${index}`, 'x')).join(''))
  expect(xterm.markers.length).toBeLessThanOrEqual(201)
  expect(linksIn(xterm.buffer.active.length).at(-1)?.text).toBe('https://a.example/19999')
  await print(`\x1b]8;;https://b.example/\x07${'y'.repeat(100_000)}\x1b]8;;\x07`)
  expect(linksIn(xterm.buffer.active.length)).toEqual([])
  expect(xterm.markers.length).toBeLessThanOrEqual(201)
})
