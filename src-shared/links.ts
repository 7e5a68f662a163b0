import { ProblemError } from './problem'

/** What a link points at. It only ever shows something: nothing is started, stopped or changed by it. */
export type Link = { kind: 'host'; host: string } | { kind: 'guest' | 'console'; guest: string; host?: string }

const maxLength = 2048
const maxNames = { host: 64, guest: 200 }

/**
 * Reads `domdeck://host/NAME`, `domdeck://guest/NAME-or-UUID?host=NAME`, `domdeck://console/…` or the same after the # of the
 * page's address (`#/guest/…`). Links come from anywhere: what is not exactly of that form is BAD_INPUT, with the reason.
 */
export function parseLink(text: string): Link {
  if (text.length > maxLength) throw refused(text, `it has more than ${maxLength} characters`)
  const begun = /^(?:domdeck:\/\/|#\/)(.*)$/is.exec(text)
  if (!begun) throw refused(text, 'it does not begin with domdeck://')
  const [path = '', query, ...more] = (begun[1] ?? '').split('?')
  if (more.length > 0) throw refused(text, 'it has more than one question mark')
  const [kind = '', name = '', ...rest] = path.replace(/\/$/, '').split('/')
  if (rest.length > 0) throw refused(text, 'there is more than one name in it')
  const host = hostOf(text, query)
  switch (kind.toLowerCase()) {
    case 'host':
      if (host !== undefined) throw refused(text, 'a link to a host has no ?host=')
      return { kind: 'host', host: decoded(text, name, 'host') }
    case 'guest':
    case 'console': {
      const guest = decoded(text, name, 'guest')
      return { kind: kind.toLowerCase() as 'guest' | 'console', guest, ...(host === undefined ? {} : { host }) }
    }
    default:
      throw refused(text, 'it names neither a host, a guest nor a console')
  }
}

/** The link as text, for other programs (`domdeck://…`) or for the page's own address (`#/…`). */
export function writeLink(link: Link, form: 'domdeck' | 'hash'): string {
  const begin = form === 'domdeck' ? 'domdeck://' : '#/'
  if (link.kind === 'host') return `${begin}host/${encoded(link.host)}`
  return `${begin}${link.kind}/${encoded(link.guest)}${link.host === undefined ? '' : `?host=${encoded(link.host)}`}`
}

/** A half of a surrogate pair has no encoding; it names nothing anyway. */
function encoded(name: string): string {
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd'))
}

function hostOf(text: string, query: string | undefined): string | undefined {
  if (query === undefined) return undefined
  const host = /^host=([^&=]*)$/.exec(query)
  if (!host) throw refused(text, 'after the question mark only host=NAME may stand')
  return decoded(text, host[1] ?? '', 'host')
}

function decoded(text: string, part: string, kind: 'host' | 'guest'): string {
  if (part === '') throw refused(text, `it names no ${kind}`)
  let name: string
  try {
    name = decodeURIComponent(part)
  } catch {
    throw refused(text, 'a % in it is not followed by the code of a character')
  }
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) throw refused(text, 'there are control characters in it')
  if (name.length > maxNames[kind]) throw refused(text, `the name of a ${kind} has at most ${maxNames[kind]} characters`)
  return name
}

function refused(text: string, reason: string): ProblemError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return new ProblemError('BAD_INPUT', `The link ${shown} cannot be opened: ${reason}.`, {
    hint: 'A link looks like domdeck://guest/web-07?host=dom0-bru1. Copy it anew from the menu of the guest or host.',
  })
}
