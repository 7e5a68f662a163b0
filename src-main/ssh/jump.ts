import { ProblemError } from '../../src-shared/problem'

/** One jump host as it is written: `[user@]host[:port]` or `ssh://…`. */
export type JumpSpec = { address: string; user?: string; port?: number }

/** Jump hosts, the nearest first; none for `none` and for nothing. BAD_INPUT names the part that makes no sense. */
export function parseJumps(text: string): JumpSpec[] {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.toLowerCase() === 'none') return []
  return trimmed.split(',').map((part) => {
    const [, user, bracketed, plain, port] =
      /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@[\]\s]+))(?::(\d{1,5}))?\/?$/i.exec(part.trim()) ?? []
    const address = bracketed ?? plain
    const number = port === undefined ? undefined : Number(port)
    if (!address || address.startsWith('-') || (number !== undefined && (number < 1 || number > 65535))) {
      throw new ProblemError('BAD_INPUT', `\`${part.trim()}\` is no jump host.`, {
        hint: 'A jump host is user@host:port, of which user and port may be left out; several have commas between.',
      })
    }
    return { address, ...(user ? { user } : {}), ...(number ? { port: number } : {}) }
  })
}
