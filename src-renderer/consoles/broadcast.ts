import type { ConsoleStatus } from '../../src-shared/models/console'

/** To which panes: those of one group, or all of this window. */
export type BroadcastMode = 'group' | 'all'

/** What decides whether a pane gets what is broadcast. */
export type Candidate = {
  id: string
  /** The name of its guest. */
  name: string
  /** Which console it shows: panes of one guest show the same. */
  console: string
  /** In the set that the broadcast was turned on for; a pane can be taken out of it, and one that came later is not in it. */
  isMember: boolean
  /** Where it is while one cannot see it, such as `in another tab`. */
  hidden: string | undefined
  status: ConsoleStatus
  /** Why nothing can be typed into it from here, such as `read-only, ana is typing`. */
  readOnly: string | undefined
}

export type Target = Pick<Candidate, 'id' | 'name'>
export type Refused = Target & { why: string; leftOut: boolean }

/** Who gets what is typed into one of the targets, and who does not, with the reason. Every candidate is in one of the two. */
export type Audience = { targets: readonly Target[]; refused: readonly Refused[] }

export const noAudience: Audience = { targets: [], refused: [] }

/** The audience among these panes, in their order. Of several panes on one console `typedIn` stands for it, else the first. */
export function audience(candidates: readonly Candidate[], typedIn: string | undefined): Audience {
  const fit = candidates.filter((one) => refusal(one) === undefined)
  const speakers = new Map<string, Candidate>()
  for (const one of fit) if (!speakers.has(one.console) || one.id === typedIn) speakers.set(one.console, one)
  const targets: Target[] = []
  const refused: Refused[] = []
  for (const one of candidates) {
    const { id, name } = one
    const why = refusal(one) ?? (speakers.get(one.console) === one ? undefined : 'shows the same console as another pane')
    if (why === undefined) targets.push({ id, name })
    else refused.push({ id, name, why, leftOut: !one.isMember })
  }
  return { targets, refused }
}

function refusal({ isMember, hidden, status, readOnly }: Candidate): string | undefined {
  if (!isMember) return 'left out'
  return hidden ?? detached(status) ?? readOnly
}

function detached(status: ConsoleStatus): string | undefined {
  switch (status.state) {
    case 'attached':
    case 'reattached':
      return undefined
    case 'attaching':
      return 'attaching'
    case 'guest-down':
      return 'not running'
    case 'link-lost':
      return 'link lost'
    case 'busy':
      return `in use by ${status.holder}`
    case 'failed':
      return 'its console failed'
    case 'closed':
      return 'not opened'
    case 'asking':
      return 'waits for a login'
    case 'ended':
      return 'ended'
  }
}

/** From this many targets on one is asked before anything is sent. */
export const manyTargets = 5

/** What was agreed to since the broadcast was turned on. */
export type Agreed = { many: boolean; roots: ReadonlySet<string> }

export const nothingAgreed: Agreed = { many: false, roots: new Set() }

/** What must be asked before something is sent to these panes; undefined when it was agreed to. `isRoot` tells of a prompt of root. */
export type Doubt = { many: boolean; roots: readonly Target[] }

export function doubt(targets: readonly Target[], agreed: Agreed, isRoot: (id: string) => boolean): Doubt | undefined {
  const many = !agreed.many && targets.length >= manyTargets
  const roots = targets.filter(({ id }) => !agreed.roots.has(id) && isRoot(id))
  return many || roots.length > 0 ? { many, roots } : undefined
}

/** What is agreed to once this was. */
export function agree({ many, roots }: Agreed, doubted: Doubt): Agreed {
  return { many: many || doubted.many, roots: new Set([...roots, ...doubted.roots.map(({ id }) => id)]) }
}

/**
 * Whether the last line of a terminal shows a prompt of root, with or without a command behind it. A terminal that was made narrow
 * for a moment has lost the end of this line.
 */
export function showsRoot(line: string): boolean {
  return /^[[(]?root@|root@[^#]*#/.test(line)
}

/** The escape of xenconsole, which alone ends a console; no key and no paste carries it to many. */
export function withoutEscape(text: string): string {
  return text.replaceAll('\x1d', '')
}

/** The number of a pane among these, from 1; padded to as many digits as the last one has. */
export function paneNumber(ids: readonly string[], id: string, padded: boolean): string {
  const number = String(ids.indexOf(id) + 1)
  return padded ? number.padStart(String(ids.length).length, '0') : number
}

/** When it ends by itself, in minutes and in the last one in seconds. */
export function endsIn(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return seconds > 60 ? `auto-off in ${Math.ceil(seconds / 60)} min` : `auto-off in ${seconds} s`
}
