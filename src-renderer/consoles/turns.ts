/** While somebody types, one piece in this time for all panes that flood: every second frame is free of their drawing. */
export const politeMs = 33
/** For this long panes are parsed in a frame: what is left of it is for drawing them, and for the rest of the page. */
const parseMs = 9
/** A frame that took longer than this was too full. */
const slowFrameMs = 22
/** A pane that had nobody beside it for this long has the page for itself. */
const aloneMs = 100
/** A page behind another one draws no frames. */
const longestFrameMs = 50

/** One pane's turn: it writes piece after piece while `mayGoOn()`, and then calls `done` with whether more waits. */
export type Turn = (mayGoOn: () => boolean, done: (more: boolean) => void) => void

/** What the panes of a page share: one thread, which parses and draws them all. */
export type Turns = {
  /** Asks for a turn; nothing more while it waits or has one. */
  take(turn: Turn): void
  /** Takes that back, or ends the turn. */
  leave(turn: Turn): void
}

type TurnsOptions = {
  /** Runs something before the next frame. */
  nextFrame(run: () => void): void
  now(): number
  /** Whether somebody types just now: the echo must not wait for the floods of other panes. */
  isTyping(): boolean
}

/**
 * Lets panes write in turns, no more of them in a frame than can be drawn in it: without a graphics card one takes a third of a frame. A
 * pane that floods alone is not held back.
 */
export function createTurns({ nextFrame, now, isTyping }: TurnsOptions): Turns {
  const waiting: Turn[] = []
  let current: Turn | undefined
  let last: Turn | undefined
  /** When a turn last went from one pane to another. */
  let changedAt = Number.NEGATIVE_INFINITY
  let asked = false
  let frameBegan = Number.NEGATIVE_INFINITY
  /** From the first piece that is parsed: before that, what the last frame brought is drawn. */
  let parseBegan: number | undefined
  /** Turns in a frame; grows slowly while frames are fast, and is halved by a slow one. */
  let most = 4
  let left = 0

  const isAlone = (turn: Turn | undefined): boolean =>
    !isTyping() && waiting.every((one) => one === turn) && now() - changedAt > aloneMs
  const mayGoOn = (): boolean => {
    if (isTyping()) return false
    parseBegan ??= now()
    return now() - parseBegan < parseMs || isAlone(current)
  }

  function beginFrame(): void {
    asked = false
    const took = now() - frameBegan
    // After a rest nothing is known of how full a frame is.
    if (took < 4 * longestFrameMs) most = took > slowFrameMs ? Math.max(1, most / 2) : Math.min(24, most + 0.1)
    frameBegan = now()
    parseBegan = undefined
    left = isTyping() ? 1 : Math.floor(most)
    goOn()
  }

  function goOn(): void {
    const [turn] = waiting
    if (current || !turn) return
    const isOver = left < 1 || (parseBegan !== undefined && now() - parseBegan >= parseMs)
    if (isOver && !isAlone(turn)) {
      if (!asked) nextFrame(beginFrame)
      asked = true
      return
    }
    left -= 1
    if (turn !== last) changedAt = now()
    last = turn
    waiting.shift()
    current = turn
    turn(mayGoOn, (more) => {
      if (current !== turn) return
      current = undefined
      if (more) waiting.push(turn)
      goOn()
    })
  }

  return {
    take(turn) {
      if (turn === current || waiting.includes(turn)) return
      waiting.push(turn)
      goOn()
    },
    leave(turn) {
      const at = waiting.indexOf(turn)
      if (at >= 0) waiting.splice(at, 1)
      if (current !== turn) return
      current = undefined
      goOn()
    },
  }
}

/** Before the next frame of this page; later while somebody types, and by a timer where no frames are drawn. */
export function nextFrameOf(isTyping: () => boolean): (run: () => void) => void {
  return (run) => {
    if (isTyping()) {
      setTimeout(run, politeMs)
      return
    }
    const once = (): void => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
      run()
    }
    const frame = requestAnimationFrame(once)
    const timer = setTimeout(once, longestFrameMs)
  }
}
