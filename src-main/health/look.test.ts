import { describe, expect, it } from 'vitest'
import { healthIdSchema } from '../../src-shared/models/health'
import { parseHealth } from './look'

const block = (id: string, ...lines: string[]) => [`item ${id}`, 'state fine', 'fact As it should be.', ...lines].join('\n')
const whole = (changed: Record<string, string>) =>
  [...healthIdSchema.options.map((id) => changed[id] ?? block(id)), 'end', ''].join('\n')

describe('what a host says of its health', () => {
  it('is read with its plan: files, acts and their sum', () => {
    const panic = [
      'item panic',
      'state mend',
      'fact kernel.panic=0.',
      'd|--- /etc/sysctl.d/a.conf',
      'd|+++ /etc/sysctl.d/a.conf',
      'd|@@ -0,0 +1 @@',
      'd|+kernel.panic = 10',
      '',
      'act Now, too: kernel.panic from 0 to 10',
      'sum 12 34',
    ].join('\n')
    expect(parseHealth(whole({ panic }))?.find(({ id }) => id === 'panic')).toEqual({
      id: 'panic',
      state: 'mend',
      fact: 'kernel.panic=0.',
      mended: false,
      plan: {
        files: [{ path: '/etc/sysctl.d/a.conf', diff: '@@ -0,0 +1 @@\n+kernel.panic = 10\n' }],
        acts: ['Now, too: kernel.panic from 0 to 10'],
        sum: '12 34',
      },
    })
  })

  it('holds nothing that moves a cursor', () => {
    const autostart = block('autostart', 'advice \u001b[2Jgone \u0007')
    expect(parseHealth(whole({ autostart }))?.find(({ id }) => id === 'autostart')?.advice).toBe('gone ')
  })

  it('is not taken for whole when it breaks off, lacks an item, or says what no host says', () => {
    expect(parseHealth(whole({}))).toHaveLength(healthIdSchema.options.length)
    for (const text of [
      whole({}).replace('end\n', ''),
      whole({ panic: '' }),
      whole({ panic: block('panick') }),
      whole({ panic: 'item panic\nstate good' }),
    ]) {
      expect(parseHealth(text)).toBeUndefined()
    }
  })
})
