// What set-up has to do, decided from what is there. Nothing here touches the machine: see setup.mjs.

/** The packages of a lock file (npm's lockfileVersion 3), by their path such as `node_modules/ws`.
 * @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} LockedPackages */

/**
 * Are all packages of the lock file installed in just that version? Optional ones (other platforms' binaries) may be absent.
 * @param {LockedPackages} wanted of package-lock.json
 * @param {LockedPackages | undefined} installed of node_modules/.package-lock.json, undefined where there is none
 */
export function packagesFit(wanted, installed) {
  if (!installed) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const have = installed[path]
    return have ? have.version === entry.version : entry.optional === true
  })
}

/**
 * How missing Debian packages can be had: nothing to do, directly, with sudo, or not at all (with what to say).
 * @param {{ missing: readonly string[], hasApt: boolean, root: boolean, sudo: boolean }} seen `sudo`: `sudo -n true` works
 * @returns {{ how: 'nothing' | 'root' | 'sudo' } | { how: 'impossible', reason: string }}
 */
export function debianPackages({ missing, hasApt, root, sudo }) {
  if (missing.length === 0) return { how: 'nothing' }
  if (!hasApt) return { how: 'impossible', reason: `This is not a Debian system. Install by its own means: ${missing.join(' ')}` }
  if (root) return { how: 'root' }
  if (sudo) return { how: 'sudo' }
  return {
    how: 'impossible',
    reason: `Missing Debian packages, and no root or sudo without a password. Run: sudo apt-get install ${missing.join(' ')}`,
  }
}

/**
 * Is the build older than what it is made from? Times in milliseconds.
 * @param {number} newestSource
 * @param {readonly (number | undefined)[]} outputs undefined: not there
 */
export function buildIsStale(newestSource, outputs) {
  return outputs.some((time) => time === undefined || time < newestSource)
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * Which shell opens the app: `desktop` (Electron, its binary is here), `try` (fetch the binary first), `browser`.
 * @param {{ linux: boolean, root: boolean, display: boolean, binary: boolean, failedAt: number | undefined, now: number }} seen
 *   `failedAt`: when the binary could last not be had, epoch milliseconds
 * @returns {{ shell: 'desktop' | 'try' } | { shell: 'browser', reason: string }}
 */
export function whichShell({ linux, root, display, binary, failedAt, now }) {
  if (linux && root) {
    return { shell: 'browser', reason: 'Electron needs its sandbox off to run as root, so Domdeck does not start it as root' }
  }
  if (linux && !display) return { shell: 'browser', reason: 'there is no display' }
  if (binary) return { shell: 'desktop' }
  if (failedAt !== undefined && now - failedAt < dayMs) {
    return { shell: 'browser', reason: 'the Electron binary could not be had; it is tried again a day after the last time' }
  }
  return { shell: 'try' }
}

/**
 * The words after `npm start --`.
 * @param {readonly string[]} words
 * @returns {{ lab: boolean, port: number | undefined }}
 */
export function startOptions(words) {
  let lab = false
  /** @type {number | undefined} */
  let port
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === '--lab') lab = true
    else if (word === '--port') {
      port = Number(words[++at])
      if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('--port takes a number from 1 to 65535')
    } else throw new Error(`unknown option ${word}; npm start -- [--lab] [--port N]`)
  }
  return { lab, port }
}
