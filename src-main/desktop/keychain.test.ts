import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openKeychain } from './keychain'

/** Electron's safeStorage as far as it is used: what is sealed can be opened, and is not in clear. */
const safeStorage = vi.hoisted(() => ({
  available: true,
  backend: 'gnome_libsecret',
  isEncryptionAvailable: () => safeStorage.available,
  getSelectedStorageBackend: () => safeStorage.backend,
  encryptString: (text: string) => Buffer.from([...Buffer.from(text)].map((byte) => byte ^ 0x55)),
  decryptString: (sealed: Buffer) => Buffer.from([...sealed].map((byte) => byte ^ 0x55)).toString(),
}))
vi.mock('electron', () => ({ safeStorage }))

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'domdeck-keychain-')), 'settings')
  safeStorage.available = true
  safeStorage.backend = 'gnome_libsecret'
})
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }))

const file = () => join(folder, 'secrets.json')

describe('the keychain of the desktop', () => {
  it('keeps the secrets of hosts for the next start, sealed, and for nobody else to read', async () => {
    const keychain = openKeychain(folder)
    await Promise.all([
      keychain.write('h1', { password: 'open sesame', sudo: 'ü' }),
      keychain.write('h2', { password: 'another' }),
    ])
    expect(await openKeychain(folder).read('h1')).toEqual({ password: 'open sesame', sudo: 'ü' })
    expect(await openKeychain(folder).read('h3')).toEqual({})
    const text = await readFile(file(), 'utf8')
    expect(text).not.toMatch(/open sesame|another|sudo/)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['secrets.json'])
  })

  it('forgets a host', async () => {
    const keychain = openKeychain(folder)
    await keychain.write('h1', { password: 'open sesame' })
    await keychain.write('h1', {})
    expect(await keychain.read('h1')).toEqual({})
    expect(await readFile(file(), 'utf8')).not.toContain('h1')
  })

  it('writes no file for a host that never had a secret', async () => {
    await openKeychain(folder).write('h1', {})
    await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.runIf(process.platform === 'linux')('keeps nothing where the system has no keychain, or one in name only', async () => {
    const keychain = openKeychain(folder)
    safeStorage.backend = 'basic_text'
    expect(keychain.refusal()).toMatch(/No keychain runs on this desktop/)
    await expect(keychain.write('h1', { password: 'open sesame' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    safeStorage.available = false
    expect(keychain.refusal()).toBe('The system offers no keychain.')
    await expect(stat(file())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('says that a file is not its own, and leaves it as it was', async () => {
    const keychain = openKeychain(folder)
    await keychain.write('h1', { password: 'open sesame' })
    await writeFile(file(), '{"version":9}')
    for (const act of [keychain.read('h1'), keychain.write('h1', { password: 'open sesame' })]) {
      const thrown = await act.catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'SETTINGS_UNREADABLE', message: `${file()} cannot be understood.` })
    }
    expect(await readFile(file(), 'utf8')).toBe('{"version":9}')
  })
})
