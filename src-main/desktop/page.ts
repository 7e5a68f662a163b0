import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { pageHeaders, resolvePageFile } from '../page/files'

const scheme = 'app'

/** Where the page lives inside the app; a scheme of our own, so that no file of the machine is reachable from it. */
export const pageUrl = `${scheme}://domdeck/index.html`

/** Whether a frame's address is our page: the only sender that is listened to. */
export function isOurPage(address: string): boolean {
  return address.startsWith(`${scheme}://domdeck/`)
}

/** Must run before the app is ready: makes the scheme a secure origin with its own storage and module scripts. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the built page from `folder` under the scheme, with the headers of the browser shell. */
export function servePageFiles(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url)
    const found = url.host === 'domdeck' ? resolvePageFile(folder, url.pathname) : undefined
    const body = found && (await readFile(found.file).catch(() => undefined))
    if (!found || !body) return new Response('Not found.', { status: 404 })
    return new Response(new Uint8Array(body), { headers: { ...pageHeaders, 'Content-Type': found.type } })
  })
}
