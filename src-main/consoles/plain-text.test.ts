import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PlainText } from './plain-text'

const plain = (...chunks: (string | Uint8Array)[]): string => {
  const text = new PlainText()
  return chunks.map((chunk) => text.push(Buffer.from(chunk))).join('')
}

it.each([
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]52;c;AAAA\x1b\\text', 'text'],
  ['\x1bPq#0\x1b\\text', 'text'],
  ['\x1b(Btext\x1b=', 'text'],
  ['one\r\ntwo\r\r\nthree', 'one\ntwo\nthree'],
  ['10 %\r20 %', '10 %\n20 %'],
  ['a\x07\x08b\tc', 'ab\tc'],
  ['\x1b[?2004hroot@web:~# ', 'root@web:~# '],
])('%j says %j', (raw, text) => {
  expect(plain(raw)).toBe(text)
})

it('says the same however it is cut, in the middle of characters and sequences too', () => {
  const piece = fc.constantFrom('é', '名', '\x1b[31m', '\x1b]0;x\x07', '\r\n', 'text', '\x1b(B', '\r')
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const whole = Buffer.from(pieces.join(''))
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((one, other) => one - other), whole.length]
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end))
      expect(plain(...chunks)).toBe(plain(whole))
    }),
  )
})

it('does not wait for ever for the end of a command that has none', () => {
  expect(plain(`\x1b]0;${'x'.repeat(5000)}`, ' login: ')).toContain(' login: ')
})

it('takes bytes that are no text', () => {
  expect(plain(Uint8Array.from([0xff, 0xfe, 0x41]))).toContain('A')
})
