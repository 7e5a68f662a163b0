import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jobLibrary } from './jobs/library'
import { operations } from './operations'

// The scripts of an operation are put together of files, and a shell finds out that one is missing only when it gets there.
const begins = /^([a-z_][a-z0-9_]*)\(\) [{(]/
const namesIn = (script: string): string[] => script.split('\n').flatMap((line) => begins.exec(line)?.[1] ?? [])

/** Names of all functions that any script of ours has. */
const known = new Set(
  readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sh'))
    .flatMap((file) => namesIn(readFileSync(join(import.meta.dirname, file), 'utf8'))),
)

/** What stands where a command does, in a line without its comment; a name of one word may be one of awk or of a sentence. */
const called = (line: string): string[] =>
  [
    ...line
      .replace(/(^|\s)#\s.*/, '')
      .matchAll(
        /(?<=(?:^|[;&|(!]|\{\s|\b(?:then|do|else|if|while|until|elif|try|run|undo|undo_batch|capture \w+)\b)\s*)\b([a-z]+_[a-z0-9_]*)\b(?![=(-])/g,
      ),
  ].flatMap(([, name = '']) => (known.has(name) ? [name] : []))

/** Functions that a script comes to from its first line, of which it has none. */
function missingIn(script: string): string[] {
  const bodies = new Map<string, string[]>([['', []]])
  let name = ''
  for (const line of script.split('\n')) {
    const begun = begins.exec(line)?.[1]
    if (name === '' && begun !== undefined) {
      bodies.set(begun, [line.slice(line.indexOf('()') + 2)])
      if (!/[})](\s+#.*)?$/.test(line)) name = begun
    } else if (name !== '' && /^[})]/.test(line)) name = ''
    else bodies.get(name)?.push(line)
  }
  const come = new Set([''])
  for (const at of come) for (const next of bodies.get(at)?.flatMap(called) ?? []) come.add(next)
  return [...come].filter((each) => !bodies.has(each))
}

describe('the script of every operation', () => {
  it.each(Object.values(operations))('has all functions that it calls: $id', ({ script }) => {
    expect(missingIn(`${jobLibrary}\n${script}`)).toEqual([])
  })
})

it('a function that is not there is found, wherever it is called', () => {
  const script = 'look_at_disk() {\n  if kernel_release; then :; fi\n}\nverify_grub() {\n  make_menu\n}\nx=$(look_at_disk | sort)'
  expect(missingIn(script)).toEqual(['kernel_release'])
})
