import { describe, expect, it } from 'vitest'
import { compareKey } from './compare'

const key = {
  keyType: 'ssh-ed25519',
  fingerprint: 'SHA256:T0LLmXUW0NX8CO8YDfRzxEdZXx0BC5dtb3eN8ZQMK7M',
  md5: 'MD5:33:0a:f0:8f:5b:0e:43:4c:0a:1d:5a:0f:5a:bb:c0:de',
  key: 'AAAAC3NzaC1lZDI1NTE5AAAAIF1jC2E8wWl0m9l2Zk0O3z5Q4n7cGq3v8kqUo7m7bC0d',
}
const other = 'SHA256:0000mXUW0NX8CO8YDfRzxEdZXx0BC5dtb3eN8ZQMK7M'

describe('comparing a key with what was pasted', () => {
  it.each([
    ['the line of ssh-keygen -lf', `256 ${key.fingerprint} root@dom0 (ED25519)`],
    ['the fingerprint alone', ` ${key.fingerprint}\n`],
    ['one of several lines', `3072 ${other} root@dom0 (RSA)\n256 ${key.fingerprint} root@dom0 (ED25519)`],
    ['the older form', `256 ${key.md5} root@dom0 (ED25519)`],
    ['the older form as old servers print it', '256 33:0A:F0:8F:5b:0e:43:4c:0a:1d:5a:0f:5a:bb:c0:de root@dom0 (ED25519)'],
    ['the public key', `ssh-ed25519 ${key.key} root@dom0`],
    ['the output of ssh-keyscan', `dom0 ssh-ed25519 ${key.key}`],
  ])('is equal to %s', (_what, text) => {
    expect(compareKey(key, text)).toBe('equal')
  })

  it.each([
    ['another key of the type', `256 ${other} root@dom0 (ED25519)`, 'differs'],
    ['another fingerprint of no type', other, 'differs'],
    ['a letter of another case', key.fingerprint.replace('T0LL', 't0LL'), 'differs'],
    ['a key of another type', `3072 ${other} root@dom0 (RSA)`, 'other type'],
    ['nothing', '', 'nothing'],
    ['a fingerprint that is cut short', key.fingerprint.slice(0, 30), 'nothing'],
    ['a fingerprint that goes on', `${key.fingerprint}x`, 'nothing'],
    ['an error', 'ssh-keygen: /etc/ssh/ssh_host_rsa_key.pub: No such file or directory', 'nothing'],
  ] as const)('of %s', (_what, text, result) => {
    expect(compareKey(key, text)).toBe(result)
  })

  it('says nothing about a public key where only a fingerprint is known', () => {
    const { keyType, fingerprint } = key
    expect(compareKey({ keyType, fingerprint }, `ssh-ed25519 ${key.key}`)).toBe('nothing')
  })
})
