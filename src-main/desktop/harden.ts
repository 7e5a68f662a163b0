import { app, session, shell } from 'electron'
import { isOurPage } from './page'

/**
 * Nothing but our page runs, navigates or asks for anything; http(s) links open in the person's own browser. A page that opens
 * itself anew gets a window that we make, by `openOwn`.
 */
export function hardenApp(openOwn: () => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      if (isOurPage(url)) openOwn()
      else if (/^https?:\/\//.test(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
    contents.on('will-navigate', (event, url) => {
      if (!isOurPage(url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** A terminal needs the clipboard, and our own page tells of jobs and may fill the screen; every other permission is denied. Must run after the app is ready. */
export function denyPermissions(): void {
  const clipboard = new Set(['clipboard-read', 'clipboard-sanitized-write'])
  const allowed = (permission: string, origin: string): boolean =>
    clipboard.has(permission) ||
    ((permission === 'notifications' || permission === 'fullscreen') && isOurPage(origin.replace(/\/?$/, '/')))
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl, isMainFrame }) =>
    decide(isMainFrame && allowed(permission, requestingUrl)),
  )
  session.defaultSession.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin))
}
