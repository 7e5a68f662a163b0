/** Regions in the order of F6; each element carries `data-region`. */
const order = ['side', 'centre', 'inspector', 'tray'] as const

const focusable = 'button:not([disabled]):not([tabindex="-1"]),input:not([disabled]),textarea,[tabindex="0"],a[href]'

/** The last element that had the focus in each region, to come back to. */
const lastFocus = new Map<string, HTMLElement>()

/** Remembers where the focus was. */
export function noteFocus(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return
  const region = target.closest<HTMLElement>('[data-region]')?.dataset.region
  if (region) lastFocus.set(region, target)
}

/** The region that follows `from` among those present; the first one from nowhere. */
export function nextRegion(from: string | undefined, present: readonly string[], backwards: boolean): string | undefined {
  const ring = order.filter((region) => present.includes(region))
  if (ring.length === 0) return undefined
  const at = (ring as readonly (string | undefined)[]).indexOf(from)
  if (at < 0) return backwards ? ring.at(-1) : ring[0]
  return ring[(at + (backwards ? ring.length - 1 : 1)) % ring.length]
}

/** Moves the focus to the next region, to where it was there before. */
export function cycleRegion(backwards: boolean): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')]
  const present = regions.map((region) => region.dataset.region ?? '')
  const from = document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset.region
  const name = nextRegion(from, present, backwards)
  const region = regions.find((one) => one.dataset.region === name)
  if (!region || name === undefined) return
  const known = lastFocus.get(name)
  const target = known && region.contains(known) ? known : region.querySelector<HTMLElement>(`[data-first]`)
  ;(target ?? region.querySelector<HTMLElement>(focusable))?.focus()
}
