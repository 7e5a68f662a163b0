import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['.ci', 'bench', 'e2e', 'lab', 'resources', 'scripts', 'src-main', 'src-shared']

/** Is this file a shell script, by its name, its first line, or a word to shellcheck in it? @param {string} name @param {string} text */
export function isShell(name, text) {
  if (/\.(sh|bash)$/.test(name)) return true
  const [first = ''] = text.split('\n', 1)
  return /^#!.*\b(ba|da|a)?sh\b/.test(first) || (!/\.[a-z]+$/.test(name) && /^# shellcheck shell=/.test(first))
}

/** Every shell script of the project, by path from its root, sorted. @param {string} root */
export function shellFiles(root) {
  /** @type {string[]} */
  const found = []
  for (const folder of folders) {
    for (const path of list(root, folder)) {
      const text = readFileSync(join(root, path), 'latin1')
      if (isShell(path, text)) found.push(path)
    }
  }
  return found.sort()
}

/** @param {string} root @param {string} folder @returns {string[]} the files in and below it */
function list(root, folder) {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
}
