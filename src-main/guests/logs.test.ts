import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainText } from '../../src-shared/plain-text'

describe('the text of a log', () => {
  it('loses what a terminal would obey', () => {
    expect(plainText('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007bell\u0007\r\nnext\tline\n')).toBe('red bell\nnext\tline\n')
  })

  it('holds no control character but tab and line end, whatever the guest has printed', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[^\P{Cc}\t\n]/u.test(plainText(text))))
  })
})
