import type { ConsoleStatus } from '../../src-shared/models/console'
import type { Guest } from '../../src-shared/models/guest'
import { guestFace } from '../fleet/faces'
import type { GlyphShape, IconName } from '../ui'

/** What the strip of a pane says. */
export type StripFace = {
  tone: 'cyan' | 'plain' | 'amber' | 'red'
  icon: IconName
  text: string
  /** More of it, for the tooltip. */
  more?: string | undefined
  action?: { kind: 'take-over'; pid: number } | { kind: 'retry' } | undefined
  /** What waits for a person cannot be dismissed. */
  dismissible: boolean
}

type Names = { guest: string; host: string }

/** The strip for a status; undefined while there is nothing to say. `down` says why a guest gives no console. */
export function stripFace(status: ConsoleStatus, { guest, host }: Names, guestIs: Guest | undefined): StripFace | undefined {
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
        text: `Guest rebooted - reattached as domid ${status.domid} at ${clockTime(status.at)}`,
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
        text: `In use by ${status.holder}${status.pid > 0 ? `, pid ${status.pid}` : ''}`,
        more: 'One process at a time can read a Xen console. This pane gets it once it is free; taking over ends the other.',
        action: status.pid > 0 ? { kind: 'take-over', pid: status.pid } : { kind: 'retry' },
        dismissible: false,
      }
    case 'failed':
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

/** Whether what is on screen is from before: the terminal dims. */
export function isOffline(status: ConsoleStatus): boolean {
  return status.state === 'guest-down' || status.state === 'link-lost' || status.state === 'failed' || status.state === 'busy'
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
      return { shape: 'unknown', label: 'console failed' }
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
