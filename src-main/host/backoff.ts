const firstMs = 1_000
const mostMs = 60_000

/**
 * How long to wait before reconnect number `attempt` (from 1): doubling from 1 s to 60 s, and of that a random part from half
 * to all, so that many workstations do not come back to a rebooted host in step.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(firstMs * 2 ** Math.min(attempt - 1, 16), mostMs)
  return Math.round(whole * (0.5 + random() / 2))
}
