import { Terminal } from '@xterm/xterm'
import { type KeyboardEvent, useEffect, useReducer, useRef, useState } from 'react'
import type { Cast } from '../../src-shared/asciicast'
import { guardTerminal } from '../consoles/guard'
import { terminalFontFamily, themeNow } from '../consoles/terminal'
import { usePreferences } from '../frame/preferences'
import { IconButton, Segmented, Switch } from '../ui'
import { Player, type Screen, speeds } from './player'

/** Seconds that an arrow goes. */
const keySeconds = 5
const pieceLength = 64 * 1024
const largestFont = 12
/** Of a character, as a part of the font's size. */
const characterWidth = 0.61

/** A recording on a terminal of its own, with what plays it. */
export function PlayerView({ cast }: { cast: Cast }) {
  const place = useRef<HTMLElement>(null)
  const [player, setPlayer] = useState<Player>()
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (!place.current) return
    const { screen, dispose } = createScreen(place.current, cast)
    const made = new Player(cast, screen)
    setPlayer(made)
    made.play()
    // Its keys are heard there.
    place.current.focus({ preventScroll: true })
    let frame = requestAnimationFrame(function next() {
      if (made.playing) {
        made.tick()
        redraw()
      }
      frame = requestAnimationFrame(next)
    })
    return () => {
      cancelAnimationFrame(frame)
      dispose()
    }
  }, [cast])

  const act = (how: (player: Player) => void): void => {
    if (player) how(player)
    redraw()
  }
  const toggle = (): void => act((one) => (one.playing ? one.pause() : one.play()))
  const faster = (by: 1 | -1): void =>
    act((one) => one.setSpeed(speeds[speeds.indexOf(one.speed as (typeof speeds)[number]) + by] ?? one.speed))
  const onKeyDown = (event: KeyboardEvent): void => {
    const isButton = event.target instanceof HTMLElement && event.target.closest('button, [role=radio], [role=switch]') !== null
    // Buttons and choices have the other keys for themselves.
    if (isButton && event.key !== '<' && event.key !== '>') return
    switch (event.key) {
      case ' ':
        toggle()
        break
      case 'ArrowLeft':
        act((one) => one.seek(one.position - keySeconds))
        break
      case 'ArrowRight':
        act((one) => one.seek(one.position + keySeconds))
        break
      case 'Home':
        act((one) => one.seek(0))
        break
      case 'End':
        act((one) => one.seek(one.duration))
        break
      case '<':
        faster(-1)
        break
      case '>':
        faster(1)
        break
      default:
        return
    }
    event.preventDefault()
  }
  const position = player?.position ?? 0
  const duration = player?.duration ?? 0
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the player, wherever the focus is in it
    <div className="player" onKeyDown={onKeyDown}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard, and its keys play */}
      <section className="player-screen" ref={place} aria-label="What was on screen" tabIndex={0} />
      <div className="player-bar">
        <IconButton
          icon={player?.playing ? 'pause' : 'play'}
          label={player?.playing ? 'Pause' : 'Play'}
          keys="Space"
          onClick={toggle}
        />
        <input
          type="range"
          aria-label="Position"
          aria-valuetext={`${timeWords(position)} of ${timeWords(duration)}`}
          min={0}
          max={duration}
          step="any"
          value={position}
          onChange={(event) => act((one) => one.seek(event.target.valueAsNumber))}
        />
        <span className="time">
          {timeWords(position)} / {timeWords(duration)}
        </span>
        <Segmented
          label="Speed"
          size="s"
          value={String(player?.speed ?? 1)}
          options={speeds.map((speed) => ({ value: String(speed), label: `${speed}×` }))}
          onChange={(speed) => act((one) => one.setSpeed(Number(speed)))}
        />
        <Switch checked={player?.skipsIdle ?? false} onChange={(skips) => act((one) => one.setSkipsIdle(skips))}>
          Skip idle time
        </Switch>
      </div>
    </div>
  )
}

/** `1:05`, or `1:02:05`. */
export function timeWords(seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`
}

/** A terminal that only shows. It takes pieces one at a time, so that a jump through megabytes leaves the page its turns. */
function createScreen(place: HTMLElement, { header }: Cast): { screen: Screen; dispose(): void } {
  const { terminalFont } = usePreferences.getState()
  const fontFor = (columns: number): number =>
    Math.max(5, Math.min(largestFont, Math.floor((place.clientWidth - 24) / columns / characterWidth)))
  const xterm = new Terminal({
    allowProposedApi: true,
    logLevel: 'off',
    disableStdin: true,
    cols: Math.max(2, header.width),
    rows: header.height,
    scrollback: 0,
    fontFamily: terminalFontFamily(terminalFont),
    fontSize: fontFor(header.width),
    theme: themeNow(),
  })
  guardTerminal(xterm)
  xterm.open(place)
  xterm.textarea?.setAttribute('tabindex', '-1')
  xterm.textarea?.setAttribute('aria-hidden', 'true')
  const queue: (string | { columns: number; rows: number })[] = []
  let busy = false
  const pump = (): void => {
    if (busy) return
    const item = queue.shift()
    if (item === undefined) return
    if (typeof item === 'string') {
      busy = true
      xterm.write(item, () => {
        busy = false
        pump()
      })
      return
    }
    xterm.resize(Math.max(2, Math.min(1000, item.columns)), Math.min(1000, item.rows))
    xterm.options.fontSize = fontFor(item.columns)
    pump()
  }
  return {
    screen: {
      write(text) {
        for (let at = 0; at < text.length; at += pieceLength) queue.push(text.slice(at, at + pieceLength))
        pump()
      },
      resize(size) {
        queue.push(size)
        pump()
      },
      reset() {
        queue.length = 0
        // What is being parsed goes first; then the sequence it stopped in is left, and all is as new.
        queue.push('\x18\x1bc')
        pump()
      },
    },
    dispose: () => xterm.dispose(),
  }
}
