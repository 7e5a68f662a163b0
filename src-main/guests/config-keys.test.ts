import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfigSyntax } from '../xen/config-syntax'
import configKeys from './config-keys.sh?raw'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'domdeck-keys-'))
  file = join(folder, 'guest.cfg')
})
afterEach(() => rmSync(folder, { recursive: true }))

const shell = (line: string, ...args: string[]) =>
  spawnSync('sh', ['-euc', `JOB_ID=J\n${configKeys}\n${line}`, 'sh', ...args], { encoding: 'utf8' })

function set(text: string, key: string, value: string): string {
  writeFileSync(file, text)
  execFileSync('sh', ['-euc', `JOB_ID=J\n${configKeys}\nconfig_set "$@"`, 'sh', file, key, value])
  return readFileSync(file, 'utf8')
}

describe('config_set', () => {
  it('changes one value and leaves every other character as it was', () => {
    const text = `# memory = 1\n  memory=512   # of it "much"; memory = 2\nextra = "memory = 3"; vcpus = 2\ndisk = [ 'a,raw,xvda,w', # memory = 4 ]\n 'b' ]\n`
    expect(set(text, 'memory', '64')).toBe(text.replace('memory=512', 'memory=64'))
    expect(set(text, 'vcpus', '1')).toBe(text.replace('vcpus = 2', 'vcpus = 1'))
    expect(set(text, 'extra', '"x"')).toBe(text.replace('"memory = 3"', '"x"'))
  })

  it('adds a key that is not there, and changes the last of several, as xl reads them', () => {
    expect(set('name = "a"', 'on_crash', '"restart"')).toBe('name = "a"\non_crash = "restart"\n')
    expect(set('memory = 1\nmaxmemory = 5\nmemory = 2\n', 'memory', '3')).toBe('memory = 1\nmaxmemory = 5\nmemory = 3\n')
  })

  it('keeps mode and leaves nothing beside the file', () => {
    writeFileSync(file, 'memory = 1\n')
    chmodSync(file, 0o640)
    expect(shell('config_set "$1" memory 2', file).status).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(readdirSync(folder)).toEqual(['guest.cfg'])
  })

  it('refuses a key that is put together of pieces', () => {
    writeFileSync(file, 'extra = "a"\nextra += "b"\n')
    expect(shell('config_set "$1" extra c', file).status).not.toBe(0)
    expect(readFileSync(file, 'utf8')).toBe('extra = "a"\nextra += "b"\n')
    expect(readdirSync(folder)).toEqual(['guest.cfg'])
  })

  it('takes keys out, every time that they stand there, and many at once by one rename', () => {
    const text = `# kernel = "of old"\nname = "a"\nkernel = "/k" # why\n  ramdisk = "/i"\nextra = "x"; kernel = "/l"; vcpus = 1\nkernel = "/m"`
    expect(set(text, 'kernel', '')).toBe('# kernel = "of old"\nname = "a"\n# why\n  ramdisk = "/i"\nextra = "x"; vcpus = 1\n')
    expect(set('kernel = "/k"', 'kernel', '')).toBe('')
    expect(set('name = "a"\n', 'kernel', '')).toBe('name = "a"\n')
    writeFileSync(file, text)
    expect(shell('config_set "$1" kernel "" ramdisk "" extra \'"y"\' bootloader \'"pygrub"\'', file).status).toBe(0)
    expect(Object.fromEntries(parseConfigSyntax(readFileSync(file, 'utf8')).values)).toEqual({
      name: 'a',
      extra: 'y',
      vcpus: '1',
      bootloader: 'pygrub',
    })
  })

  it('gives what our parser then reads, and changes no other key, whatever stands around', () => {
    const pieces = [
      'memory = 5\n',
      'vcpus=1;',
      'x = "a # b"\n',
      "y = 'it'\n",
      '# c\n',
      "disk = [ 'q',\n'r' # ]\n ]\n",
      'memory="7" # n\n',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (lines) => {
        const text = lines.join('')
        const before = parseConfigSyntax(text).values
        const after = parseConfigSyntax(set(text, 'memory', '640')).values
        expect(after.get('memory')).toBe('640')
        expect([...after].filter(([key]) => key !== 'memory')).toEqual([...before].filter(([key]) => key !== 'memory'))
        before.delete('memory')
        expect(parseConfigSyntax(set(text, 'memory', '')).values).toEqual(before)
      }),
      { numRuns: 40 },
    )
  })
})

describe('config_number', () => {
  it.each([
    ['memory = 512', '512'],
    ['memory = "512" # MB', '512'],
    ['memory = many', ''],
    ['#memory = 5', ''],
  ])('reads %j as %j', (text, number) => {
    writeFileSync(file, text)
    symlinkSync(file, join(folder, 'link'))
    expect(shell('config_number "$1" memory; printf %s "$config_number"', join(folder, 'link')).stdout).toBe(number)
  })
})
