import { expect, it } from 'vitest'
import { parseReach, reachSchema } from './host'

it.each([
  ['ares', 'ares', 22],
  ['10.0.0.2:2222', '10.0.0.2', 2222],
  ['[fd00::2]:65535', 'fd00::2', 65_535],
  ['[fd00::2]', 'fd00::2', 22],
  ['fe80::1%eth0', 'fe80::1%eth0', 22],
  [' dom0.example.org:22 ', 'dom0.example.org', 22],
])('an address that one host has for another: %s', (text, address, port) => {
  expect(parseReach(text)).toEqual({ address, port })
  expect(reachSchema.safeParse(text).success).toBe(true)
})

it.each([
  '',
  ' ',
  '-oProxyCommand=x',
  'a b',
  'ares:0',
  'ares:65536',
  'ares:',
  '[fd00::2',
  '[]',
  'ares:2 2',
  '$(reboot)',
  'a\nb',
  'ä',
  'x'.repeat(400),
  'root@ares',
])('none: %j', (text) => {
  expect(parseReach(text)).toBeUndefined()
  expect(reachSchema.safeParse(text).success).toBe(false)
})
