/** Listeners by event, each event with its own payload. */
export class Listeners<Events extends object> {
  readonly #byEvent = new Map<keyof Events, Set<(payload: never) => void>>()

  /** Calls the listener at each such event until the returned function is called. */
  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = this.#byEvent.get(event) ?? new Set()
    this.#byEvent.set(event, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    for (const listener of [...(this.#byEvent.get(event) ?? [])]) (listener as (payload: Events[Name]) => void)(payload)
  }
}
