/** xenstore fires several watches for one `xl create`. */
const debounceMs = 100
/** A new domain is introduced before it is named and unpaused, and xenstore says nothing of those: look again a little later, until it is. */
const settleMs = [1_000, 2_000, 4_000]
/**
 * After a look the host is left alone for this many times as long as the look took, so that watching never takes more than a
 * quarter of a host. On a dom0 that is slow because it is making guests, looking without a pause would keep it from making them.
 */
const restRatio = 3

/** When to look at a host after its xenstore said that something happened. */
export type Looks = { eventCame(): void; stop(): void }

/** Calls `look` soon after the first event of a burst, and a few times more until it says that what the burst announced has settled. */
export function scheduleLooks(look: () => Promise<boolean>): Looks {
  let due: number[] = []
  let timer: NodeJS.Timeout | undefined
  let looking = false
  let soon = false
  let restUntil = 0

  const arm = (): void => {
    clearTimeout(timer)
    const [next] = due
    if (next === undefined || looking) return
    timer = setTimeout(() => void run(), Math.max(next, restUntil) - Date.now())
  }
  const run = async (): Promise<void> => {
    const begun = Date.now()
    due = due.filter((at) => at > begun)
    soon = false
    looking = true
    const settled = await look()
    looking = false
    // An event that came meanwhile is another burst.
    if (settled && !soon) due = []
    restUntil = Date.now() + restRatio * (Date.now() - begun)
    arm()
  }
  return {
    eventCame() {
      if (soon) return
      soon = true
      const now = Date.now()
      due = [debounceMs, ...settleMs].map((ms) => now + ms)
      arm()
    },
    stop() {
      due = []
      clearTimeout(timer)
    },
  }
}
