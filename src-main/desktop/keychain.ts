import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { safeStorage } from 'electron'
import { z } from 'zod'
import { ProblemError } from '../../src-shared/problem'
import type { Keychain } from '../host/keychain'

/** By host id: what safeStorage made of the host's secrets, in base64. */
const fileSchema = z.object({ version: z.literal(1), hosts: z.record(z.string(), z.string()) })
const secretsSchema = z.record(z.string(), z.string())

/**
 * Secrets of hosts in `secrets.json` of this folder, encrypted with a key that the keychain of the system holds (Electron's
 * safeStorage). Where there is no keychain, nothing is kept: Chromium's `basic_text` encrypts with a password that everybody knows.
 */
export function openKeychain(folder: string): Keychain {
  const file = join(folder, 'secrets.json')
  let writing: Promise<unknown> = Promise.resolve()

  const refusal = (): string | undefined => {
    if (!safeStorage.isEncryptionAvailable()) return 'The system offers no keychain.'
    if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text')
      return 'No keychain runs on this desktop (Secret Service or KWallet), so that a password would be kept almost in clear.'
    return undefined
  }

  const readAll = async (): Promise<Record<string, string>> => {
    const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return undefined
      throw unusable(file, 'read', thrown)
    })
    if (text === undefined) return {}
    try {
      return fileSchema.parse(JSON.parse(text)).hosts
    } catch (thrown) {
      throw unusable(file, 'understood', thrown)
    }
  }

  return {
    refusal,
    read: async (hostId) => {
      const sealed = (await readAll())[hostId]
      if (sealed === undefined || refusal()) return {}
      return secretsSchema.parse(JSON.parse(safeStorage.decryptString(Buffer.from(sealed, 'base64'))))
    },
    write: (hostId, secrets) => {
      const written = writing.then(async () => {
        const { [hostId]: before, ...others } = await readAll()
        const none = Object.keys(secrets).length === 0
        if (none && before === undefined) return
        const reason = refusal()
        if (!none && reason) throw new ProblemError('BAD_INPUT', reason)
        const hosts = none
          ? others
          : { ...others, [hostId]: safeStorage.encryptString(JSON.stringify(secrets)).toString('base64') }
        await writeWhole(file, `${JSON.stringify({ version: 1, hosts }, undefined, 2)}\n`)
      })
      writing = written.catch(() => undefined)
      return written
    },
  }
}

/** Beside, synced and renamed, and for nobody else to read. */
async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(beside, 'w', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw unusable(file, 'written', thrown)
  }
}

/** Never with what was to be written. */
function unusable(file: string, act: 'read' | 'understood' | 'written', thrown: unknown): ProblemError {
  const code = (thrown as NodeJS.ErrnoException).code
  return new ProblemError('SETTINGS_UNREADABLE', `${file} cannot be ${act}${code ? ` (${code})` : ''}.`, {
    hint: 'Check its owner and permissions, or remove it: Domdeck then asks for the passwords again.',
  })
}
