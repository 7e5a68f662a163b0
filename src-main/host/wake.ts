const lookMs = 5_000
/** Later than a busy machine lets a timer be. */
const lateMs = 10_000

/** How long a connection has after a sleep to show that it is there; a wireless network takes a few seconds to be back. */
export const wakeLimitMs = 5_000

/**
 * Calls the listener when this machine seems to have slept: by the clock on the wall, for that of timers stands still meanwhile. A clock
 * that is set forward looks the same, so the listener must do nothing that harms a machine that was awake. Stops with the returned function.
 */
export function onWake(listener: () => void): () => void {
  let before = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    if (now - before > lookMs + lateMs) listener()
    before = now
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
