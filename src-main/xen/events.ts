/** The watches that tell of domains coming and going; `xl` and libxl fire no others for it. */
export const domainWatches = ['@introduceDomain', '@releaseDomain'] as const

/** A domain was made, or one has shut down or is gone; xenstore does not say which domain. */
export type DomainEvent = 'introduced' | 'released'

/**
 * The event of one line of `xenstore-watch @introduceDomain @releaseDomain`, or undefined for any other line. Each watch
 * fires once when it is set, before anything has happened.
 */
export function parseWatchLine(line: string): DomainEvent | undefined {
  const path = line.trim()
  if (path === '@introduceDomain') return 'introduced'
  return path === '@releaseDomain' ? 'released' : undefined
}
