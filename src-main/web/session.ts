import { randomBytes, timingSafeEqual } from 'node:crypto'

const secret = (): string => randomBytes(32).toString('base64url')

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Who may use the browser shell: a one-time token, shown on the terminal that started it, is changed for a cookie
 * that lives as long as the process. A token works once; another can be asked for.
 */
export class WebSessions {
  readonly #tokens = new Set<string>()
  readonly #cookies = new Set<string>()

  /** A fresh one-time token. */
  issueToken(): string {
    const token = secret()
    this.#tokens.add(token)
    return token
  }

  /** The cookie value for a token, or undefined if it was never issued or is spent. */
  redeem(token: string): string | undefined {
    const issued = [...this.#tokens].find((candidate) => equal(candidate, token))
    if (!issued) return undefined
    this.#tokens.delete(issued)
    const cookie = secret()
    this.#cookies.add(cookie)
    return cookie
  }

  /** Whether a cookie value was given out by this process. */
  knows(cookie: string | undefined): boolean {
    return cookie !== undefined && [...this.#cookies].some((candidate) => equal(candidate, cookie))
  }
}

/** The value of one cookie of a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, ...value] = pair.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}

/**
 * Whether a Host header names this machine itself. Any port is taken, as an SSH forward may end on another one; a
 * name is what a DNS rebinding attack cannot fake.
 */
export function isLoopbackHost(header: string | undefined): boolean {
  return header !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(header)
}
