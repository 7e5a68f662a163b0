import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import newFile from './new-file.sh?raw'

let folder: string
const at = (...path: string[]) => join(folder, ...path)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-new-file-'))
  mkdirSync(at('disk/domdeck/bases/debian-12'), { recursive: true })
  mkdirSync(at('free'))
  // An administrator has moved the storage root to a larger disk.
  symlinkSync(at('disk/domdeck'), at('root'))
  symlinkSync(at('root/bases'), at('way-in'))
  symlinkSync('/nowhere', at('free/dangling'))
  writeFileSync(at('free/taken'), '')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is said of a path; nothing for one that can be had. */
const said = (path: string) =>
  execFileSync(
    'sh',
    ['-euc', `${newFile}\nnew_file_at "$2" || printf '%s: %s' "$new_code" "$new_what"`, 'sh', at('root'), path],
    {
      encoding: 'utf8',
      env: { ...process.env, root: at('root') },
    },
  )

it.each([
  ['free/new file.img', ''],
  ['free/taken', 'BUSY: FOLDER/free/taken is there already.'],
  ['free/dangling', 'BUSY: FOLDER/free/dangling is there already.'],
  ['nowhere/x', 'NOT_FOUND: There is no folder FOLDER/nowhere on this host.'],
  ['root/bases/x', 'BAD_INPUT: FOLDER/root/bases/x lies where only the system or Domdeck itself writes.'],
  [
    'disk/domdeck/bases/debian-12/x',
    'BAD_INPUT: FOLDER/disk/domdeck/bases/debian-12/x lies where only the system or Domdeck itself writes.',
  ],
  ['way-in/x', 'BAD_INPUT: FOLDER/way-in/x lies where only the system or Domdeck itself writes.'],
])('a new file is made where nobody is, and not among ours: %s', (path, words) => {
  expect(said(at(path))).toBe(words.replace('FOLDER', folder))
})
