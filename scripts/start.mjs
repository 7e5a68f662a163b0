// npm start [-- --lab] [-- --port N] : sets up what is missing, then opens Domdeck in Electron, or as the browser shell.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startOptions } from './decide.mjs'
import {
  chooseShell,
  electronBinary,
  electronLibraries,
  ensureBuild,
  ensureDebianPackages,
  ensureNodePackages,
  hasDisplay,
  root,
  SetupError,
  say,
  which,
} from './setup.mjs'

const browsers = ['chromium', 'google-chrome', 'firefox', 'firefox-esr']

/** @returns {[string, ...string[]]} the program to become */
function prepare() {
  const { lab, port } = startOptions(process.argv.slice(2))
  const more = [...(lab ? ['--lab'] : []), ...(port === undefined ? [] : ['--port', String(port)])]
  ensureNodePackages()
  const chosen = chooseShell()
  const binary = electronBinary()
  if (chosen.shell === 'desktop' && binary) {
    if (process.platform === 'linux' && which('apt-get')) ensureDebianPackages(electronLibraries, 'Electron')
    ensureBuild()
    say('opening the desktop app')
    return [binary, root, ...more]
  }
  if (chosen.shell === 'browser') say(`the browser shell is used: ${chosen.reason}`)
  if (process.platform === 'linux' && hasDisplay() && !browsers.some(which)) tryBrowser()
  ensureBuild()
  return [process.execPath, join(root, 'out/main/serve.js'), ...(hasDisplay() ? ['--open'] : []), ...more]
}

/** A browser is a comfort: without one the address can be opened elsewhere. */
function tryBrowser() {
  try {
    ensureDebianPackages(['chromium'], 'a browser')
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(`no browser here, open the address below in one: ${error.message.split('\n', 1)[0]}`)
  }
}

try {
  const [program, ...words] = prepare()
  const app = spawn(program, words, { cwd: root, stdio: 'inherit' })
  // Ctrl+C reaches the app too; wait for its own orderly end.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => app.kill(signal))
  app.on('error', (error) => {
    console.error(`domdeck: ${program} does not start: ${error.message}`)
    process.exitCode = 1
  })
  app.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)
  })
} catch (error) {
  console.error(`domdeck: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
