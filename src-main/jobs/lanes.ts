/** Tasks by lane: in each lane so many at a time, first come first served; no lane ever waits for another. */
export class Lanes {
  readonly #lanes = new Map<string, { running: number; waiting: (() => Promise<void>)[] }>()

  constructor(private readonly limit: number) {}

  /** Adds a task to a lane. A task deals with its own failure: a rejection only frees its place. */
  add(name: string, task: () => Promise<void>): void {
    const lane = this.#lanes.get(name) ?? { running: 0, waiting: [] }
    this.#lanes.set(name, lane)
    lane.waiting.push(task)
    this.#next(name)
  }

  #next(name: string): void {
    const lane = this.#lanes.get(name)
    if (!lane || lane.running >= this.limit) return
    const task = lane.waiting.shift()
    if (!task) {
      if (lane.running === 0) this.#lanes.delete(name)
      return
    }
    lane.running += 1
    const leave = (): void => {
      lane.running -= 1
      this.#next(name)
    }
    task().then(leave, leave)
  }
}
