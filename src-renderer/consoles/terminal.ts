import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { type ITheme, Terminal } from '@xterm/xterm'
import type { Preferences } from '../../src-shared/models/preferences'
import { usePreferences } from '../frame/preferences'
import { drawWithWebgl } from './webgl'

/** One terminal on the page. It lives outside React: its element moves from place to place with all it holds. */
export type ConsoleTerminal = {
  readonly xterm: Terminal
  readonly search: SearchAddon
  /** Carries `data-testid="terminal"` and a function `terminalText()`: all its lines, as a test or a screen reader tool reads them. */
  readonly element: HTMLElement
  /** Shows the terminal in a place, or takes it out. */
  mount(place: HTMLElement): void
  setVisible(visible: boolean): void
  /** Parses bytes; calls back when they are on screen. */
  write(bytes: Uint8Array, parsed: () => void): void
  /** Fits columns and rows to the place. */
  fit(): void
  text(): string
  dispose(): void
}

/** The terminal colours of the theme in force, from the tokens. */
export function terminalTheme(tokens: (name: string) => string): ITheme {
  const ansi = (index: number): string => tokens(`--a-${index}`)
  return {
    background: tokens('--term-bg'),
    foreground: tokens('--term-fg'),
    cursor: tokens('--term-cursor'),
    cursorAccent: tokens('--term-bg'),
    selectionBackground: tokens('--term-sel'),
    scrollbarSliderBackground: tokens('--line'),
    scrollbarSliderHoverBackground: tokens('--line-strong'),
    scrollbarSliderActiveBackground: tokens('--line-strong'),
    black: ansi(0),
    red: ansi(1),
    green: ansi(2),
    yellow: ansi(3),
    blue: ansi(4),
    magenta: ansi(5),
    cyan: ansi(6),
    white: ansi(7),
    brightBlack: ansi(8),
    brightRed: ansi(9),
    brightGreen: ansi(10),
    brightYellow: ansi(11),
    brightBlue: ansi(12),
    brightMagenta: ansi(13),
    brightCyan: ansi(14),
    brightWhite: ansi(15),
  }
}

/** Opens a link of a guest only when asked to with Ctrl, only http(s), and without a way back to this page. */
export function openLink(event: Pick<MouseEvent, 'ctrlKey' | 'metaKey'>, uri: string): void {
  if (!(event.ctrlKey || event.metaKey) || !/^https?:\/\//i.test(uri)) return
  window.open(uri, '_blank', 'noopener,noreferrer')
}

/**
 * Makes a terminal for a guest, whose output is hostile: it gets no clipboard (xterm handles OSC 52 only with an addon), no
 * title (nobody listens), no window (reports and resizes are off by default), and links as `openLink` opens them.
 */
export function createTerminal(label: string): ConsoleTerminal {
  const xterm = new Terminal({
    allowProposedApi: true, // for Unicode 11 widths
    ...likedOptions(usePreferences.getState()),
    // 16 px a line with the fonts of --font-mono at 11 px.
    lineHeight: 1.24,
    fontWeightBold: 'bold',
    drawBoldTextInBrightColors: false,
    cursorStyle: 'block',
    cursorInactiveStyle: 'outline',
    linkHandler: { activate: openLink, allowNonHttpProtocols: false },
    theme: terminalTheme(token),
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  const addons = [fit, search, new Unicode11Addon(), new WebLinksAddon(openLink)]
  for (const addon of addons) xterm.loadAddon(addon)
  xterm.unicode.activeVersion = '11'
  // Otherwise xterm shows no cursor before it first has the focus.
  xterm.write('\x1b[?25h')

  const element = document.createElement('div')
  element.className = 'xterm-place'
  element.dataset.testid = 'terminal'
  const text = (): string => bufferText(xterm)
  Object.defineProperty(element, 'terminalText', { value: text })

  const themes = new MutationObserver(() => {
    xterm.options.theme = terminalTheme(token)
  })
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

  // The DOM renderer finds out the letter spacing for the columns that it begins with, and anew only when an option changes. A wrong
  // one is put right on each span of each frame.
  xterm.onResize(() => {
    xterm.options.theme = terminalTheme(token)
  })

  const fitToPlace = (): void => {
    if (element.clientWidth > 0 && element.clientHeight > 0) fit.fit()
  }
  const stopLikes = usePreferences.subscribe((now, before) => {
    if (likes.every((like) => now[like] === before[like])) return
    Object.assign(xterm.options, likedOptions(now))
    fitToPlace()
  })

  let release: (() => void) | undefined
  return {
    xterm,
    search,
    element,
    mount(place) {
      // Appending anew what is there already would take the keyboard focus away.
      if (element.parentElement !== place) place.append(element)
      if (xterm.element) return
      xterm.open(element)
      xterm.textarea?.setAttribute('aria-label', label)
    },
    setVisible(visible) {
      if (visible) release ??= xterm.element ? drawWithWebgl(xterm) : undefined
      else {
        release?.()
        release = undefined
      }
    },
    write: (bytes, parsed) => xterm.write(bytes, parsed),
    fit: fitToPlace,
    text,
    dispose() {
      themes.disconnect()
      stopLikes()
      release?.()
      xterm.dispose()
      element.remove()
    },
  }
}

const likes = ['terminalFont', 'terminalFontSize', 'scrollbackLines'] as const

/** What a person likes of a terminal, as xterm takes it. */
function likedOptions(preferences: Pick<Preferences, (typeof likes)[number]>) {
  return {
    fontFamily: terminalFontFamily(preferences.terminalFont),
    fontSize: preferences.terminalFontSize,
    scrollback: preferences.scrollbackLines,
  }
}

/** The CSS font family of terminals: the one that is liked, and the usual ones where it is not to be had. */
export function terminalFontFamily(font: string): string {
  return font === '' ? token('--font-mono') : `"${font}", ${token('--font-mono')}`
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function bufferText(xterm: Terminal): string {
  const { active } = xterm.buffer
  let text = ''
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row)
    if (!line) continue
    text += `${row > 0 && !line.isWrapped ? '\n' : ''}${line.translateToString(true)}`
  }
  return text.trimEnd()
}
