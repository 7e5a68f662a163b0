import { beforeEach, describe, expect, it } from 'vitest'
import { type GuestSelf, runGuestCommand } from './guest-shell'

let saves: number
let self: GuestSelf
beforeEach(() => {
  saves = 0
  self = {
    name: 'web-01',
    uuid: '11111111-1111-4111-8111-111111111111',
    domid: 17,
    memoryMb: 512,
    vcpus: 2,
    kernel: '6.1.0-56-amd64',
    rootFileSystem: 'overlay',
    upSeconds: () => 90,
    files: new Map(),
    saveFiles: () => {
      saves += 1
    },
  }
})
const type = (line: string) => {
  const answer = runGuestCommand(line, self)
  return answer.do === 'print' ? answer.text : answer
}

describe('the shell of a pretend guest', () => {
  it('answers what a test of an overlay guest asks', () => {
    expect(type('hostname')).toBe('web-01\n')
    expect(type('findmnt -no FSTYPE /')).toBe('overlay\n')
    expect(type('cat /etc/machine-id')).toBe('11111111111141118111111111111111\n')
    expect(type('uptime')).toContain('up 1 min')
  })

  it('keeps files, appends to them, lists and removes them', () => {
    type('echo one > note')
    type('echo "two  words" >> /root/note')
    expect(type('cat note')).toBe('one\ntwo  words\n')
    expect(type('ls')).toBe('note\n')
    expect(saves).toBe(2)
    type('rm note')
    expect(type('cat note')).toBe('cat: note: No such file or directory\n')
    expect(type('ls')).toBe('')
  })

  it('computes, so that an answer differs from what was typed', () => {
    expect(type('echo typed-$((6*7))')).toBe('typed-42\n')
    expect(type("echo 'a b'   c")).toBe('a b c\n')
  })

  it('tells the console what it cannot do itself', () => {
    expect(type('reboot')).toEqual({ do: 'reboot' })
    expect(type('poweroff')).toEqual({ do: 'poweroff' })
    expect(type('exit')).toEqual({ do: 'logout' })
    expect(type('yes no')).toEqual({ do: 'flood', chunk: 'no\r\n', bytes: Number.POSITIVE_INFINITY })
  })

  it('prints any bytes, as often as one likes', () => {
    expect(type(String.raw`printf '\033[1;31mé\xff\n'`)).toEqual({
      do: 'flood',
      chunk: `${Buffer.from('\x1b[1;31mé').toString('latin1')}\xff\n`,
      bytes: 11,
      encoding: 'latin1',
    })
    expect(type("repeat 3 'ab'")).toMatchObject({ chunk: 'ab', bytes: 6 })
    expect(type('printf')).toBe('')
  })

  it('names an unknown command and says that the guest is simulated', () => {
    expect(type('frobnicate now')).toMatch(/^-bash: frobnicate: command not found.*simulated/)
    expect(type('')).toBe('')
  })
})
