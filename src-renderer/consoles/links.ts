import type { ILink } from '@xterm/xterm'

/** The address that a link of a guest leads to, as the browser will show it; undefined for what is never opened. */
export function linkTarget(uri: string): string | undefined {
  try {
    const url = new URL(uri)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
  } catch {
    return undefined
  }
}

/** Opens a link of a guest only when asked to with Ctrl, only http(s), and without a way back to this page. */
export function openLink(event: Pick<MouseEvent, 'ctrlKey' | 'metaKey'>, uri: string): void {
  const target = linkTarget(uri)
  if ((event.ctrlKey || event.metaKey) && target) window.open(target, '_blank', 'noopener,noreferrer')
}

/** What a terminal does with its links. */
export type LinkHandlers = Required<Pick<ILink, 'activate' | 'hover' | 'leave'>>

/**
 * Opens links as `openLink` does, and says in `place` where one leads while the pointer is on it. The name of a host in
 * letters that look like others is shown as what it is (`xn--…`).
 */
export function linkHandlers(place: HTMLElement): LinkHandlers {
  const says = document.createElement('div')
  says.className = 'link-at'
  says.setAttribute('role', 'status')
  return {
    activate: openLink,
    hover(_event, uri) {
      const target = linkTarget(uri)
      if (!target) return
      says.textContent = `Ctrl+click opens ${target}`
      place.append(says)
    },
    leave: () => says.remove(),
  }
}
