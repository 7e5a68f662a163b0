import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProblemError } from '../../src-shared/problem'
import { maxCrashes, openCrashes } from './crashes'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'domdeck-crashes-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const thrownBy = (message: string, stack?: string): Error => Object.assign(new Error(message), stack ? { stack } : {})

describe('crash reports', () => {
  it('are kept for the next start, newest first, for nobody else to read, and go when asked to', async () => {
    let now = 1_000
    const crashes = openCrashes(folder, '1.2.3', () => now)
    crashes.keep('main', thrownBy('one'))
    now = 2_000
    crashes.keep('page', thrownBy('two'))
    const again = openCrashes(folder, '1.2.3')
    expect(again.list()).toMatchObject([
      { where: 'page', message: 'Error: two', firstAt: 2_000, times: 1, version: '1.2.3' },
      { where: 'main', message: 'Error: one' },
    ])
    expect((await stat(join(folder, 'crashes.json'))).mode & 0o077).toBe(0)
    await again.clear()
    expect(again.list()).toEqual([])
    expect(openCrashes(folder, '1.2.3').list()).toEqual([])
  })

  it('count what happens again, and are bounded however much is thrown', async () => {
    const crashes = openCrashes(folder, '1')
    for (let time = 0; time < 5; time++) crashes.keep('page', thrownBy('again', 'Error: again\n    at f (a.js:1:1)'))
    expect(crashes.list()).toMatchObject([{ times: 5 }])
    for (let time = 0; time < 100; time++) crashes.keep('page', thrownBy(`${time} ${'x'.repeat(100_000)}`))
    expect(crashes.list()).toHaveLength(maxCrashes)
    expect((await readFile(join(folder, 'crashes.json'), 'utf8')).length).toBeLessThan(200_000)
  })

  it('hold no words of hosts or guests, no home folder, and nothing but lines of the stack', () => {
    const crashes = openCrashes(folder, '1')
    crashes.keep('main', new ProblemError('UNEXPECTED_OUTPUT', 'web-07 said hunter2', { context: { output: 'hunter2' } }))
    crashes.keep('main', thrownBy(`no ${homedir()}/x\nhunter2`, `Error: hunter2\nhunter2\n    at f (${homedir()}/a.js:1:2)`))
    crashes.keep('main', 'hunter2')
    expect(JSON.stringify(crashes.list())).not.toMatch(new RegExp(`hunter2|"${homedir()}/`))
    expect(crashes.list()[1]).toMatchObject({ message: 'Error: no ~/x', stack: ['at f (~/a.js:1:2)'] })
  })

  it('begin anew after a broken file, and never stand in the way when they cannot be written', async () => {
    await writeFile(join(folder, 'crashes.json'), '{"broken')
    expect(openCrashes(folder, '1').list()).toEqual([])
    const nowhere = openCrashes(join(folder, 'crashes.json', 'no folder'), '1')
    nowhere.keep('main', thrownBy('x'))
    expect(nowhere.list()).toHaveLength(1)
  })
})
