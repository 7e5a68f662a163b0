import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseWatchLine } from './events'

describe('xenstore-watch', () => {
  it('reads what Xen 4.17 recorded', () => {
    const lines = readFileSync(new URL('./fixtures/xen-4.17/xenstore-watch.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    expect(lines.map(parseWatchLine)).toEqual(['introduced', 'released', 'introduced', 'introduced', 'introduced', 'introduced'])
  })

  it.each(['', '@introduceDomainX', 'xenstore-watch: could not add watch'])('takes %j for no event', (line) => {
    expect(parseWatchLine(line)).toBeUndefined()
  })
})
