/** One thing to send; a promise when it takes its time. Stops when the signal is aborted. */
type Sending = (signal: AbortSignal) => Promise<void> | void

/** Sends to many, to each in order, and to none later because of another one. */
export type InOrder = {
  /** At once, or when what was given before for the same one is sent. */
  send(id: string, sending: Sending): void
  /** What is under way for this one is stopped, and what waits is not sent. */
  drop(id: string): void
  dropAll(): void
}

export function createInOrder(): InOrder {
  const queues = new Map<string, { waiting: Sending[]; stop: AbortController }>()

  function run(id: string, sending: Sending, stop: AbortController): boolean {
    const pending = sending(stop.signal)
    if (!pending) return true
    // Whoever sends tells of what goes wrong; the next one is sent all the same.
    pending.catch(() => undefined).finally(() => next(id, stop))
    return false
  }

  function next(id: string, stop: AbortController): void {
    const queue = queues.get(id)
    if (queue?.stop !== stop) return
    for (let sending = queue.waiting.shift(); sending; sending = queue.waiting.shift()) if (!run(id, sending, stop)) return
    queues.delete(id)
  }

  function drop(id: string): void {
    queues.get(id)?.stop.abort()
    queues.delete(id)
  }

  return {
    send(id, sending) {
      const queue = queues.get(id)
      if (queue) queue.waiting.push(sending)
      else {
        const stop = new AbortController()
        queues.set(id, { waiting: [], stop })
        if (run(id, sending, stop)) queues.delete(id)
      }
    },
    drop,
    dropAll() {
      for (const id of [...queues.keys()]) drop(id)
    },
  }
}
