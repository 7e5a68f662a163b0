import { describe, expect, it } from 'vitest'
import { parseJumps } from './jump'

describe('jump hosts', () => {
  it.each([
    ['', []],
    ['none', []],
    ['bastion', [{ address: 'bastion' }]],
    ['ann@bastion:2222, two', [{ address: 'bastion', user: 'ann', port: 2222 }, { address: 'two' }]],
    ['[2001:db8::1]:2200', [{ address: '2001:db8::1', port: 2200 }]],
    ['ssh://ann@bastion:22/', [{ address: 'bastion', user: 'ann', port: 22 }]],
  ])('%j', (text, jumps) => {
    expect(parseJumps(text, 'me').map(({ target }) => target)).toEqual(jumps)
  })

  it.each(['a,,b', '-oProxyCommand=reboot', 'a:0', 'a:99999', 'a b', 'a@b@c', '@a', 'a:x', '2001:db8::1', '[a', 'a\nb'])(
    'refuses %j',
    (text) => {
      expect(() => parseJumps(text, 'me')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
    },
  )
})
