import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { type ITheme, Terminal } from '@xterm/xterm'
import type { Preferences } from '../../src-shared/models/preferences'
import { usePreferences } from '../frame/preferences'
import { type Guard, guardTerminal } from './guard'
import { createGutter } from './gutter'
import { hearHyperlinks } from './hyperlinks'
import { linkHandlers } from './links'
import { clampFontSize, type Look, plainLook } from './look'
import { drawWithWebgl } from './webgl'
import { resizeKeepingWrap } from './wrap'

/** One terminal on the page. It lives outside React: its element moves from place to place with all it holds. */
export type ConsoleTerminal = {
  readonly xterm: Terminal
  readonly guard: Guard
  /** Carries `data-testid="terminal"` and a function `terminalText()`: all its lines, as a test or a screen reader tool reads them. */
  readonly element: HTMLElement
  /** Shows the terminal in a place, or takes it out. */
  mount(place: HTMLElement): void
  setVisible(visible: boolean): void
  /** Draws text this much larger than it is liked; 1 for as it is liked. */
  setZoom(zoom: number): void
  /** Parses bytes; calls back when they are on screen. */
  write(bytes: Uint8Array, parsed: () => void): void
  /** Fits columns and rows to the place. */
  fit(): void
  text(): string
  setLook(look: Look): void
  /** Takes back what programs of the guest left behind: modes, colours, a half sequence. Clears screen and scrollback too if asked to. */
  reset(clear: boolean): void
  /** What is written from now on is of now; before, it may be of any time. */
  setLive(live: boolean): void
  /** The line with the cursor, or the last one above it that says something; whole where it is wrapped. */
  lastLine(): string
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

/**
 * Makes a terminal for a guest, whose output is hostile: it gets no clipboard (xterm handles OSC 52 only with an addon), no
 * title and no bell (nobody listens), links as `openLink` opens them, and no more than `guardTerminal` lets through.
 */
export function createTerminal(label: string): ConsoleTerminal {
  let look = plainLook
  const xterm = new Terminal({
    allowProposedApi: true, // for widths of our own
    // Else each broken sequence of a guest is a line in the console of the browser.
    logLevel: 'off',
    ...likedOptions(usePreferences.getState(), look),
    // 16 px a line with the fonts of --font-mono at 11 px.
    lineHeight: 1.24,
    fontWeightBold: 'bold',
    drawBoldTextInBrightColors: false,
    cursorStyle: 'block',
    cursorInactiveStyle: 'outline',
    theme: themeNow(),
  })
  const fit = new FitAddon()
  const guard = guardTerminal(xterm)
  xterm.write(usualScreen)

  const element = document.createElement('div')
  element.className = 'xterm-place'
  element.dataset.testid = 'terminal'
  const screen = document.createElement('div')
  screen.className = 'xterm-screen-place'
  const gutter = createGutter(xterm)
  element.append(gutter.element, screen)
  const links = linkHandlers(element)
  // Before the other links: a text that is an address leads where it says.
  for (const addon of [fit, new WebLinksAddon(links.activate, links)]) xterm.loadAddon(addon)
  hearHyperlinks(xterm, links)
  const text = (): string => bufferText(xterm)
  Object.defineProperty(element, 'terminalText', { value: text })

  const themes = new MutationObserver(() => {
    xterm.options.theme = themeNow()
  })
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

  // The DOM renderer finds out the letter spacing for the columns that it begins with, and anew only when an option changes. A wrong
  // one is put right on each span of each frame.
  xterm.onResize(() => {
    xterm.options.theme = themeNow()
  })

  const fitToPlace = (): void => {
    if (element.clientWidth > 0 && element.clientHeight > 0) resizeKeepingWrap(xterm, () => fit.fit())
  }
  let zoom = 1
  const applyLook = (): void => {
    const liked = likedOptions(usePreferences.getState(), look)
    Object.assign(xterm.options, liked, { fontSize: liked.fontSize * zoom })
    gutter.show(look.times)
    element.classList.toggle('no-bar', !look.scrollbar)
    fitToPlace()
  }
  const stopLikes = usePreferences.subscribe((now, before) => {
    if (!likes.every((like) => now[like] === before[like])) applyLook()
  })

  let release: (() => void) | undefined
  return {
    xterm,
    guard,
    element,
    mount(place) {
      // Appending anew what is there already would take the keyboard focus away.
      if (element.parentElement !== place) place.append(element)
      if (xterm.element) return
      xterm.open(screen)
      xterm.textarea?.setAttribute('aria-label', label)
    },
    setVisible(visible) {
      if (visible) release ??= xterm.element ? drawWithWebgl(xterm) : undefined
      else {
        release?.()
        release = undefined
      }
    },
    setZoom(next) {
      if (next === zoom) return
      zoom = next
      applyLook()
    },
    write: (bytes, parsed) => xterm.write(bytes, parsed),
    fit: fitToPlace,
    text,
    setLook(next) {
      look = next
      applyLook()
    },
    reset(clear) {
      xterm.options.theme = themeNow()
      xterm.write(plainModes, () => {
        if (clear) xterm.reset()
        xterm.write(showCursor)
      })
    },
    setLive: gutter.setLive,
    lastLine: () => lastLine(xterm),
    dispose() {
      themes.disconnect()
      stopLikes()
      release?.()
      gutter.dispose()
      xterm.dispose()
      element.remove()
    },
  }
}

/** Goes to the screen that it is on. Until then, or until it first has the focus, xterm draws no cursor (6.0, isCursorInitialized). */
const usualScreen = '\x1b[?47l'
const showCursor = '\x1b[?25h'
/** Ends a sequence that is under way, then: soft reset, no mouse, focus or paste modes, no other screen, the usual character set. */
const plainModes = `\x18\x1b[!p${[9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 47].map((mode) => `\x1b[?${mode}l`).join('')}\x1b(B\x0f`

const likes = ['terminalFont', 'terminalFontSize', 'scrollbackLines'] as const

/** What a person likes of a terminal, as xterm takes it. */
function likedOptions(preferences: Pick<Preferences, (typeof likes)[number]>, look: Look) {
  return {
    fontFamily: terminalFontFamily(preferences.terminalFont),
    fontSize: clampFontSize(preferences.terminalFontSize + look.fontStep),
    scrollback: look.scrollback ?? preferences.scrollbackLines,
  }
}

/** The CSS font family of terminals: the one that is liked, and the usual ones where it is not to be had. */
export function terminalFontFamily(font: string): string {
  return font === '' ? token('--font-mono') : `"${font}", ${token('--font-mono')}`
}

/** The terminal colours of the theme that the page has now. */
export function themeNow(): ITheme {
  return terminalTheme(token)
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function lastLine({ buffer: { active } }: Terminal): string {
  let line = ''
  for (let row = active.baseY + active.cursorY; row >= 0; row--) {
    const part = active.getLine(row)
    line = `${part?.translateToString(true) ?? ''}${line}`
    if (line !== '' && !part?.isWrapped) return line
  }
  return line
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
