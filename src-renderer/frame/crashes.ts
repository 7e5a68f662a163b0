import { usePage } from '../api/page'

/** Mistakes that happened while there was nobody to keep them. */
const waiting: Error[] = []
const mostWaiting = 5

/** Has the main side keep a mistake of the page, now or once it is there. */
export function reportCrash(error: Error): void {
  const client = usePage.getState().page?.client
  if (!client) {
    if (waiting.length < mostWaiting) waiting.push(error)
    return
  }
  const { name, message, stack = '' } = error
  const report = { name: name.slice(0, 100), message: message.slice(0, 2_000), stack: stack.slice(0, 20_000) }
  // To keep it is all that can be done; a failure of that has no better place.
  client.settings.reportCrash(report).catch((failure: unknown) => console.error('A crash could not be kept:', failure))
}

/** Keeps what nobody caught. Called once. */
export function followCrashes(): void {
  window.addEventListener('error', ({ error }) => {
    if (error instanceof Error) reportCrash(error)
  })
  window.addEventListener('unhandledrejection', ({ reason }) => {
    // What was cancelled is no mistake.
    if (reason instanceof Error && reason.name !== 'AbortError') reportCrash(reason)
  })
  usePage.subscribe(({ page }) => {
    if (page) for (const error of waiting.splice(0)) reportCrash(error)
  })
}
