import { type Cast, type CastEvent, sizeOf } from '../../src-shared/asciicast'

/** What a player shows a recording on. Everything takes place in the order in which it was asked for. */
export type Screen = {
  write(text: string): void
  resize(size: { columns: number; rows: number }): void
  /** Empties it; what waits to be written is dropped. */
  reset(): void
}

export const speeds = [0.5, 1, 2, 4, 8, 16] as const
/** A longer pause is as long as this where idle time is skipped; seconds. */
export const longestIdle = 2

/** Plays a recording on a screen. Positions are seconds from its begin, as they are played: without the idle time that is skipped. */
export class Player {
  readonly #events: readonly CastEvent[]
  #times: readonly number[]
  #next = 0
  #position = 0
  #playingSince: number | undefined
  #speed = 1
  #skipsIdle = false

  /** `now` in milliseconds that only grow. */
  constructor(
    private readonly cast: Cast,
    private readonly screen: Screen,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#events = cast.events.filter(({ code }) => code === 'o' || code === 'r')
    this.#times = this.#played()
    this.#restart()
  }

  /** Seconds. */
  get duration(): number {
    return this.#times.at(-1) ?? 0
  }

  get position(): number {
    if (this.#playingSince === undefined) return this.#position
    const played = ((this.now() - this.#playingSince) / 1000) * this.#speed
    return Math.min(this.duration, this.#position + played)
  }

  get playing(): boolean {
    return this.#playingSince !== undefined
  }

  get speed(): number {
    return this.#speed
  }

  get skipsIdle(): boolean {
    return this.#skipsIdle
  }

  /** Plays on; from the begin when it is at its end. */
  play(): void {
    if (this.playing) return
    if (this.#position >= this.duration) this.seek(0)
    this.#playingSince = this.now()
  }

  pause(): void {
    this.#position = this.position
    this.#playingSince = undefined
  }

  /** Shows what is due by now; pauses at the end. Called for each frame while it plays. */
  tick(): void {
    this.#showUntil(this.position)
    if (this.playing && this.position >= this.duration) this.pause()
  }

  /** Goes to a position, which is kept within the recording. */
  seek(seconds: number): void {
    const { playing } = this
    const position = Math.min(this.duration, Math.max(0, seconds))
    if (position < this.position) this.#restart()
    this.#position = position
    if (playing) this.#playingSince = this.now()
    this.#showUntil(position)
  }

  setSpeed(speed: number): void {
    const { playing } = this
    this.pause()
    this.#speed = speed
    if (playing) this.#playingSince = this.now()
  }

  /** Shortens pauses or not; what is shown stays. */
  setSkipsIdle(skips: boolean): void {
    const { playing } = this
    this.tick()
    this.pause()
    const before = this.#times[this.#next - 1] ?? 0
    const beyond = this.#position - before
    this.#skipsIdle = skips
    this.#times = this.#played()
    const after = this.#times[this.#next - 1] ?? 0
    this.#position = Math.min(after + beyond, this.#times[this.#next] ?? after)
    if (playing) this.#playingSince = this.now()
  }

  /** When each event is played. Times that go back, which no recorder writes, stand still. */
  #played(): number[] {
    let at = 0
    let last = 0
    return this.#events.map(({ time }) => {
      const pause = Math.max(0, time - last)
      last = Math.max(last, time)
      at += this.#skipsIdle ? Math.min(pause, longestIdle) : pause
      return at
    })
  }

  #restart(): void {
    const { width: columns, height: rows } = this.cast.header
    this.#next = 0
    this.screen.reset()
    this.screen.resize({ columns, rows })
  }

  #showUntil(position: number): void {
    let text = ''
    for (; this.#next < this.#events.length && (this.#times[this.#next] ?? 0) <= position; this.#next++) {
      const { code, data } = this.#events[this.#next] as CastEvent
      const size = code === 'r' ? sizeOf(data) : undefined
      if (!size) text += data
      else {
        if (text !== '') this.screen.write(text)
        text = ''
        this.screen.resize(size)
      }
    }
    if (text !== '') this.screen.write(text)
  }
}
