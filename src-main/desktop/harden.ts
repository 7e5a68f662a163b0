import { app, session, shell } from 'electron'
import { isOurPage } from './page'

/** Nothing but our page runs, navigates or asks for anything; http(s) links open in the person's own browser. */
export function hardenApp(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      if (/^https?:\/\//.test(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
    contents.on('will-navigate', (event, url) => {
      if (!isOurPage(url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
  })
}

/** Permissions a terminal needs are the clipboard's; every other one is denied. Must run after the app is ready. */
export function denyPermissions(): void {
  const allowed = new Set(['clipboard-read', 'clipboard-sanitized-write'])
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide) => decide(allowed.has(permission)))
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => allowed.has(permission))
}
