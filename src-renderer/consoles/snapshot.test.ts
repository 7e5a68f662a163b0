import { Terminal } from '@xterm/xterm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { htmlPage, looks } from './snapshot'

const theme = { background: '#000000', foreground: '#ffffff', red: '#aa0000', brightRed: '#ff0000' }

async function page(text: string): Promise<string> {
  const xterm = new Terminal({ allowProposedApi: true, cols: 40, rows: 5, logLevel: 'off' })
  await new Promise<void>((resolve) => xterm.write(text, resolve))
  return htmlPage('web-01 <b>', looks(xterm, theme, 0, xterm.buffer.active.length), theme)
}

it('keeps colours and styles', async () => {
  const html = await page(
    'plain \x1b[31mred\x1b[1;91mbright\x1b[0m \x1b[38;5;196mcube\x1b[48;2;1;2;3mtrue\x1b[0m \x1b[7minverse\x1b[0m 漢',
  )
  for (const part of [
    'plain <span style="color:#aa0000">red</span><span style="color:#ff0000;font-weight:bold">bright</span>',
    '<span style="color:#ff0000">cube</span><span style="color:#ff0000;background:#010203">true</span>',
    '<span style="color:#000000;background:#ffffff">inverse</span> 漢',
    '<title>web-01 &lt;b&gt;</title>',
  ])
    expect(html).toContain(part)
})

it('runs nothing that a guest printed', async () => {
  const empty = (await page('')).match(/</g)?.length ?? 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.constantFrom(
          '<script>alert(1)</script>',
          '<img onerror=x>',
          '">',
          "'",
          '&lt;',
          '\x1b[31m',
          '\x1b[0m',
          '</pre>',
          'a',
          '\r\n',
        ),
      ),
      async (parts) => {
        const html = await page(parts.join(''))
        const body = html.slice(html.indexOf('<pre'))
        // No tag but ours: the two ends of the page and of each span.
        const spans = body.match(/<span style="[a-z#0-9:;-]*">/g)?.length ?? 0
        expect(html.match(/</g)?.length).toBe(empty + 2 * spans)
      },
    ),
    { numRuns: 200 },
  )
})
