import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostSettings } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import { tryAnswers } from '../ssh/answers'
import { Host } from './host'
import type { Keychain, Secrets } from './keychain'
import type { HostServices } from './services'
import { fakeSessions, nothingThrough } from './testing/fake-sessions'

const settings: HostSettings = {
  id: 'h1',
  name: 'xen-01',
  address: '192.0.2.1',
  port: 22,
  user: 'ada',
  storageRoot: '/srv/domdeck',
  simulated: false,
}
const password = 'open sesame'

/** A keychain of this test, and what it holds. */
function makeKeychain(held: Record<string, Secrets> = {}): Keychain & { held: Record<string, Secrets>; refuses?: string } {
  const keychain = {
    held,
    refuses: undefined as string | undefined,
    refusal: () => keychain.refuses,
    read: async (hostId: string) => keychain.held[hostId] ?? {},
    write: async (hostId: string, secrets: Secrets) => {
      if (Object.keys(secrets).length > 0) keychain.held[hostId] = secrets
      else delete keychain.held[hostId]
    },
  }
  return keychain as ReturnType<typeof makeKeychain>
}

/** Logs in by the password, as ssh's login does. */
const dial: HostServices['dial'] = async (_settings, { answers, onPhase }) => {
  onPhase('auth')
  const question = {
    kind: 'password' as const,
    secret: 'password',
    title: 'Password',
    fields: [{ prompt: 'Password', echo: false }],
  }
  const outcome = await tryAnswers(answers, question, 'Refused.', (given) => given === password)
  if (outcome !== 'worked') throw new ProblemError('AUTH_FAILED', 'because')
  return fakeSessions()
}

let host: Host
const make = (keychain?: Keychain) => {
  host = new Host(settings, {
    dial,
    dialThrough: nothingThrough,
    addTrust: async () => undefined,
    ...(keychain ? { keychain } : {}),
  })
  return host
}
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  host.disconnect()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})
const settled = () => vi.advanceTimersByTimeAsync(0)
const question = () => {
  if (host.connection.phase !== 'asking') throw new Error(`the host is ${host.connection.phase}`)
  return host.connection.question
}

describe('an answer', () => {
  it('is taken only for the question that is open, and only as the lines it asks for', async () => {
    make().connect()
    await settled()
    const { id } = question()
    const refused: [string, string[]][] = [
      ['another', [password]],
      [id, []],
      [id, [password, password]],
      [id, ['two\nlines']],
      [id, ['nul\0']],
    ]
    for (const [questionId, answers] of refused) expect(() => host.answer(questionId, answers)).toThrow(ProblemError)
    expect(question().id).toBe(id)
    host.answer(id, [password])
    await settled()
    expect(host.connection.phase).toBe('ready')
    expect(() => host.answer(id, [password])).toThrow('does not wait for this answer any more')
  })

  it('is waited for within LoginGraceTime; later it dials again', async () => {
    make().connect()
    await vi.advanceTimersByTimeAsync(109_999)
    expect(question().problem).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    const late = question()
    expect(late.problem).toMatch(/Nobody answered within 110 s.*Your answer connects again/)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(question()).toBe(late)
    host.answer(late.id, [password])
    await settled()
    expect(host.connection.phase).toBe('ready')
  })

  it('that serves once is asked for anew by the next login, when it came too late', async () => {
    let asked = 0
    const once: HostServices['dial'] = async (_settings, { answers }) => {
      asked++
      const question = { kind: 'prompts' as const, title: 'Code', fields: [{ prompt: 'Code', echo: true }], attempt: 1 }
      const [code] = await answers.ask(question)
      if (code !== '123') throw new ProblemError('AUTH_FAILED', 'because')
      return fakeSessions()
    }
    host = new Host(settings, { dial: once, dialThrough: nothingThrough, addTrust: async () => undefined })
    host.connect()
    await vi.advanceTimersByTimeAsync(110_000)
    expect(question()).toMatchObject({ fields: [], problem: expect.stringContaining('Go on to be asked anew') })
    expect(asked).toBe(1)
    host.answer(question().id, [])
    await settled()
    expect([asked, question().fields.length]).toEqual([2, 1])
    host.answer(question().id, ['123'])
    await settled()
    expect(host.connection.phase).toBe('ready')
  })

  it('is not for the keychain where the shell has none', async () => {
    make().connect()
    await settled()
    expect(question()).not.toHaveProperty('keychain')
    expect(() => host.answer(question().id, [password], true)).toThrow('The browser shell keeps no passwords.')
  })
})

describe('the keychain', () => {
  const answered = async (text: string, remember?: boolean) => {
    await settled()
    host.answer(question().id, [text], remember)
    await settled()
  }

  it('gets an answer that the person wishes kept, once it has let us in, and saves the question next time', async () => {
    const keychain = makeKeychain()
    make(keychain).connect()
    await answered('wrong', true)
    expect(keychain.held).toEqual({})
    await answered(password, true)
    expect(host.connection.phase).toBe('ready')
    expect(keychain.held).toEqual({ h1: { password } })
    host.disconnect()
    make(keychain).connect()
    await settled()
    expect(host.connection.phase).toBe('ready')
  })

  it('gets nothing that the person does not wish kept', async () => {
    const keychain = makeKeychain()
    make(keychain).connect()
    await answered(password)
    expect([host.connection.phase, keychain.held]).toEqual(['ready', {}])
  })

  it('loses what is refused', async () => {
    const keychain = makeKeychain({ h1: { password: 'old' }, h2: { password: 'of another' } })
    make(keychain).connect()
    await settled()
    expect(question()).toMatchObject({ attempt: 1, problem: 'Refused.' })
    await answered(password)
    expect(keychain.held).toEqual({ h2: { password: 'of another' } })
  })

  it('says why it keeps nothing now', async () => {
    const keychain = makeKeychain()
    keychain.refuses = 'No keychain runs on this desktop.'
    make(keychain).connect()
    await settled()
    expect(question().keychain).toEqual({ refusal: 'No keychain runs on this desktop.' })
    expect(() => host.answer(question().id, [password], true)).toThrow('No keychain runs on this desktop.')
  })

  it('that cannot be read or written costs a question, never the connection', async () => {
    const broken = async () => {
      throw new ProblemError('SETTINGS_UNREADABLE', 'secrets.json cannot be written.')
    }
    make({ refusal: () => undefined, read: broken, write: broken }).connect()
    await answered(password, true)
    expect(host.connection.phase).toBe('ready')
    expect(host.model.warnings).toEqual(['secrets.json cannot be written.'])
  })
})

describe('other settings', () => {
  it('keep the answers and the connection where they are for the eye only', async () => {
    make().connect()
    await settled()
    host.answer(question().id, [password])
    await settled()
    await host.update({ ...settings, name: 'renamed' })
    expect([host.connection.phase, host.model.settings.name]).toEqual(['ready', 'renamed'])
  })

  it('connect anew without a question for another storage root', async () => {
    make().connect()
    await settled()
    host.answer(question().id, [password])
    await settled()
    await host.update({ ...settings, storageRoot: '/srv/other' })
    expect(host.connection.phase).not.toBe('ready')
    await settled()
    expect(host.connection.phase).toBe('ready')
  })

  it.each([{ address: '192.0.2.2' }, { port: 2222 }, { user: 'eve' }])(
    'never give an answer to another account: %o',
    async (other) => {
      const keychain = makeKeychain()
      make(keychain).connect()
      await settled()
      host.answer(question().id, [password], true)
      await settled()
      expect(keychain.held).toEqual({ h1: { password } })
      await host.update({ ...settings, ...other })
      await settled()
      expect(question()).toMatchObject({ kind: 'password', attempt: 1 })
      expect(keychain.held).toEqual({})
    },
  )

  it('leave a host that is not connected alone', async () => {
    make()
    await host.update({ ...settings, address: '192.0.2.2' })
    expect(host.connection.phase).toBe('idle')
  })
})
