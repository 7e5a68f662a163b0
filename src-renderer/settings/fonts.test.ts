import { describe, expect, it } from 'vitest'
import { isInstalled, type Measure, refusedFont } from './fonts'

/** Width of an i and of any other letter in the fonts of a machine, and in what stands in for others. */
const widths: Record<string, [number, number]> = { Mono: [10, 10], Sans: [4, 14], monospace: [11, 11], serif: [5, 15] }

const measure: Measure = (text, family) => {
  const drawn = /"(Mono|Sans)"/.exec(family)?.[1] ?? (family.endsWith('serif') ? 'serif' : 'monospace')
  const [narrow, wide] = widths[drawn] ?? [0, 0]
  return [...text].reduce((sum, one) => sum + (one === 'i' ? narrow : wide), 0)
}

describe('a font for terminals', () => {
  it('must be installed and have letters of one width', () => {
    expect(isInstalled('Mono', measure)).toBe(true)
    expect(isInstalled('Nowhere', measure)).toBe(false)
    expect(refusedFont(' Mono ', measure)).toBeUndefined()
    expect(refusedFont('Nowhere', measure)).toBe('Nowhere is not installed on this machine.')
    expect(refusedFont('Sans', measure)).toContain('differ in width')
  })

  it.each(['', '"', 'a", url(x)', 'a;b', '-x', '$(reboot)', 'a\nb', 'x'.repeat(65)])('is not %j', (font) => {
    expect(refusedFont(font, () => 1)).toBeDefined()
  })
})
