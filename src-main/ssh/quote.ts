import { ProblemError } from '../../src-shared/problem'

/** A program and its arguments. */
export type Argv = readonly [string, ...string[]]

/** What no POSIX shell gives a meaning to, so that ordinary commands stay readable in previews and logs. */
const plain = /^[A-Za-z0-9_./:@%+,-]+$/

/**
 * `text` as one word of a POSIX shell. Everything outside the plain set goes between single quotes, where a shell gives
 * no character a meaning (POSIX 2.2.2). Throws BAD_INPUT on NUL, which no argument can hold.
 */
export function quoteArg(text: string): string {
  if (text.includes('\0')) throw new ProblemError('BAD_INPUT', 'A command argument holds a NUL character.')
  if (plain.test(text)) return text
  return `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * The command line for `argv`, as sent to the login shell of the host. A word before the first argument such as `A=b` is
 * quoted too, so it names a program and never sets a variable.
 */
export function quoteArgv(argv: Argv): string {
  return argv.map(quoteArg).join(' ')
}
