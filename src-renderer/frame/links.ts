import { type Link, parseLink, writeLink } from '../../src-shared/links'
import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { ProblemError } from '../../src-shared/problem'
import { asProblem } from '../api/problem'
import { type Fleet, useFleet } from '../fleet/store'
import { reveal } from '../fleet/tree-store'
import { useAbout } from './about'
import { useDock } from './dock'
import { openGuestConsoles } from './guest-actions'
import { attempt, tellProblem } from './notices'

type Target = { host: Host; guest?: Guest }

/**
 * What a link points at in this fleet. Undefined while it may still come: hosts that are on their way have not told their guests.
 * NOT_FOUND when it is nowhere, BAD_INPUT when it could be several.
 */
export function findTarget(fleet: Pick<Fleet, 'loaded' | 'hosts' | 'guests'>, link: Link): Target | undefined {
  if (!fleet.loaded) return undefined
  const isNamed = (host: Host, name: string): boolean => host.settings.name === name || host.settings.id === name
  const hosts = link.host === undefined ? fleet.hosts : fleet.hosts.filter((host) => isNamed(host, link.host ?? ''))
  if (hosts.length === 0)
    throw new ProblemError('NOT_FOUND', `There is no host ${link.host ?? ''} in this fleet.`, {
      hint: 'Add the host, then open the link again.',
    })
  if (link.kind === 'host') return { host: hosts[0] as Host }
  const found = hosts.flatMap((host) =>
    (fleet.guests.get(host.settings.id) ?? [])
      .filter((guest) => guest.name === link.guest || guest.id === link.guest.toLowerCase())
      .map((guest) => ({ host, guest })),
  )
  if (found.length > 1) {
    const names = found.map(({ host }) => host.settings.name).join(', ')
    throw new ProblemError('BAD_INPUT', `${found.length} guests are named ${link.guest}, on ${names}.`, {
      hint: 'Add ?host= and the name of its host to the link, or use its UUID.',
    })
  }
  if (found[0]) return found[0]
  if (hosts.some(isComing)) return undefined
  const where = link.host === undefined ? 'in this fleet' : `on ${link.host}`
  throw new ProblemError('NOT_FOUND', `There is no guest ${link.guest} ${where}.`, {
    hint: 'It may have been renamed or deleted, or its host is not connected.',
  })
}

function isComing({ connection, asOf }: Host): boolean {
  return (
    ['resolving', 'connecting', 'host-key', 'auth', 'probing'].includes(connection.phase) ||
    (connection.phase === 'ready' && asOf === undefined)
  )
}

/** Shows what a link points at, now or once it is there. It starts, stops and changes nothing. */
export function followLink(text: string): void {
  let link: Link
  const waitFor = (fleet: Fleet): boolean => {
    try {
      const target = findTarget(fleet, link)
      if (target) show(link, target)
      return target !== undefined
    } catch (error) {
      tellProblem('Link', asProblem(error))
      return true
    }
  }
  try {
    link = parseLink(text)
  } catch (error) {
    tellProblem('Link', asProblem(error))
    return
  }
  stopWaiting()
  if (waitFor(useFleet.getState())) return
  stopWaiting = useFleet.subscribe((fleet) => {
    if (waitFor(fleet)) stopWaiting()
  })
}

/** Only the last link is waited for. */
let stopWaiting: () => void = () => {}

function show(link: Link, { host, guest }: Target): void {
  reveal(host.settings.id, guest)
  if (!guest) useDock.getState().showHost(host.settings.id)
  else if (link.kind === 'console') openGuestConsoles([guest])
}

/** Opens links that come after the # of the page's address, in both shells. Called once. */
export function followLinks(): void {
  const open = (): void => {
    const { hash, pathname, search } = window.location
    if (!hash.startsWith('#/')) return
    // Gone at once, so that the same link can be opened again and a reload opens nothing.
    window.history.replaceState(undefined, '', `${pathname}${search}`)
    followLink(hash)
  }
  window.addEventListener('hashchange', open)
  open()
}

/** Puts a link on the clipboard: one that the system knows in the desktop app, an address of this page in a browser. */
export function copyLink(link: Link): void {
  const isDesktop = useAbout.getState().about?.shell === 'desktop'
  const text = isDesktop
    ? writeLink(link, 'domdeck')
    : `${window.location.origin}${window.location.pathname}${writeLink(link, 'hash')}`
  void attempt('Copy link', () => navigator.clipboard.writeText(text))
}

/** The link to a guest, by its UUID where it has one: names change and repeat. */
export function guestLink(guest: Guest, hostName: string): Link {
  return { kind: 'guest', guest: guest.id.startsWith('cfg:') ? guest.name : guest.id, host: hostName }
}
