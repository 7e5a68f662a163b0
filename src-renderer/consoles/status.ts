import type { ConsoleStatus } from '../../src-shared/models/console'
import type { Guest } from '../../src-shared/models/guest'
import { guestFace } from '../fleet/faces'
import type { GlyphShape, IconName } from '../ui'
import { momentWords } from '../ui/words'

/** What the strip of a pane says. */
export type StripFace = {
  tone: 'cyan' | 'plain' | 'amber' | 'red'
  icon: IconName
  text: string
  /** More of it, for the tooltip. */
  more?: string | undefined
  action?:
    | { kind: 'take-over'; pid: number }
    | { kind: 'retry' }
    | { kind: 'open' }
    | { kind: 'answer'; label: string }
    | undefined
  /** What waits for a person cannot be dismissed. */
  dismissible: boolean
}

type Names = {
  guest: string
  host: string
  /** What a pane that is a shell opens, such as `a shell on ares`. */
  shellWords?: string | undefined
}

/** The strip for a status; undefined while there is nothing to say. `down` says why a guest gives no console. */
export function stripFace(
  status: ConsoleStatus,
  { guest, host, shellWords }: Names,
  guestIs: Guest | undefined,
): StripFace | undefined {
  switch (status.state) {
    case 'attached':
      if (!status.missed) return undefined
      return {
        tone: 'amber',
        icon: 'alert',
        text: `What ${guest} said while the link was lost may be missing`,
        more: `${host} keeps no log of this console that holds what was shown last.`,
        dismissible: true,
      }
    case 'reattached':
      return {
        tone: 'cyan',
        icon: 'reboot',
        text: `Guest ${status.movedTo === undefined ? 'rebooted' : `moved to ${status.movedTo}`} - reattached as domid ${status.domid} at ${clockTime(status.at)}`,
        dismissible: true,
      }
    case 'guest-down':
      return {
        tone: 'plain',
        icon: 'power',
        text: guestIs ? `${guest} is not running` : `${host} has no guest ${guest} now`,
        more: 'The console attaches by itself when the guest starts.',
        dismissible: true,
      }
    case 'link-lost':
      return {
        tone: 'amber',
        icon: 'alert',
        text: `Link lost at ${clockTime(status.at)}`,
        more: `What is on screen is from before. The console comes back by itself when ${host} does.`,
        dismissible: true,
      }
    case 'busy':
      return {
        tone: 'amber',
        icon: 'lock',
        text: `In use by ${status.holder}${status.pid > 0 ? `, pid ${status.pid}` : ''}${status.since === undefined ? '' : `, since ${momentWords(status.since)}`}`,
        more: 'One process at a time can read a Xen console. This pane gets it once it is free; taking over ends the other.',
        action: status.pid > 0 ? { kind: 'take-over', pid: status.pid } : { kind: 'retry' },
        dismissible: false,
      }
    case 'closed':
      return {
        tone: 'plain',
        icon: 'power',
        text: `Press Enter to open ${shellWords ?? 'a shell'}`,
        more: 'A shell that was open when the layout was kept has ended since.',
        action: { kind: 'open' },
        dismissible: false,
      }
    case 'asking':
      return {
        tone: 'amber',
        icon: 'key',
        text: `${guest} asks: ${status.question.title}`,
        action: { kind: 'answer', label: 'Answer' },
        dismissible: false,
      }
    case 'ended':
      return {
        tone: status.problem ? 'amber' : 'plain',
        icon: status.problem ? 'alert' : 'power',
        text: status.problem
          ? `The shell ended with its link at ${clockTime(status.at)}`
          : `The shell ended ${exitWords(status.exitCode ?? 0)} at ${clockTime(status.at)}. Press Enter to open another`,
        more: status.problem
          ? `${status.problem.detail} A shell cannot be attached again. Press Enter to open another.`
          : undefined,
        action: { kind: 'open' },
        dismissible: false,
      }
    case 'failed':
      if (status.presentedKey) {
        return {
          tone: 'amber',
          icon: 'key',
          text: `${guest} shows a host key that this workstation has not seen before`,
          action: { kind: 'answer', label: 'Compare' },
          dismissible: false,
        }
      }
      return {
        tone: 'red',
        icon: 'alert',
        text: status.problem.detail,
        more: status.problem.hint,
        action: { kind: 'retry' },
        dismissible: false,
      }
    default:
      return undefined
  }
}

/** Whether the guest hears what is typed. What the strip says then has been read once a key is pressed. */
export function isAttached(status: ConsoleStatus): boolean {
  return status.state === 'attached' || status.state === 'reattached'
}

/** The strip of a pane whose host is not in this fleet, as in a layout that was kept. */
export function strayFace(guest: string): StripFace {
  return {
    tone: 'amber',
    icon: 'alert',
    text: `The host of ${guest} is not in this fleet`,
    more: 'Add the host again, or close this pane.',
    dismissible: true,
  }
}

/** Whether what is on screen is from before: the terminal dims. */
export function isOffline({ state }: ConsoleStatus): boolean {
  return ['guest-down', 'link-lost', 'failed', 'busy', 'closed', 'ended'].includes(state)
}

/** Whether a shell in this state opens when somebody asks. */
export function canOpen({ state }: ConsoleStatus): boolean {
  return state === 'closed' || state === 'ended' || state === 'failed'
}

/** How a program ended, by its status; above 128 it is a signal. */
export function exitWords(exitCode: number): string {
  return exitCode > 128 && exitCode < 160 ? `by signal ${exitCode - 128}` : `with status ${exitCode}`
}

/** The glyph in the pane header: the guest's own while its console is attached. */
export function statusGlyph(status: ConsoleStatus, guest: Guest | undefined): { shape: GlyphShape; label: string } {
  switch (status.state) {
    case 'attaching':
      return { shape: 'booting', label: 'attaching' }
    case 'guest-down':
      return { shape: 'halted', label: 'not running' }
    case 'link-lost':
      return { shape: 'unknown', label: 'not connected' }
    case 'busy':
      return { shape: 'unknown', label: 'console in use elsewhere' }
    case 'failed':
      return { shape: 'unknown', label: 'failed' }
    case 'closed':
      return { shape: 'halted', label: 'not open' }
    case 'ended':
      return { shape: 'halted', label: 'ended' }
    case 'asking':
      return { shape: 'unknown', label: 'waits for an answer' }
    default: {
      if (!guest) return { shape: 'running', label: 'attached' }
      const { shape, word } = guestFace(guest, undefined)
      return { shape, label: word }
    }
  }
}

/** Hours, minutes and seconds here. */
export function clockTime(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
