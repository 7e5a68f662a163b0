import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scriptOf } from '../jobs/preflight'
import { importBase } from './import'

const guest = (file: string) => fileURLToPath(new URL(`../../resources/guest/initramfs/${file}`, import.meta.url))

describe('image.import', () => {
  it('takes hostile paths as text: a real sh reads back what was given', () => {
    const source = `/srv/it's $(touch pwned) \`id\` "x" ; é.img`
    const script = scriptOf(importBase, { name: 'debian-12', source }, '/srv/domdeck')
    const assignments = script.slice(0, script.indexOf('# ---- image.import ----'))
    expect(execFileSync('sh', ['-euc', `${assignments}\nprintf %s "$source"`], { encoding: 'utf8' })).toBe(source)
  })

  it('carries the union-root hook as it is in the repository', () => {
    const script = scriptOf(importBase, { name: 'debian-12', source: '/srv/a.img' }, '/srv/domdeck')
    const assignments = script.slice(0, script.indexOf('# ---- image.import ----'))
    const carried = execFileSync('sh', ['-euc', `${assignments}\nprintf %s "$guest_local_bottom"`], { encoding: 'utf8' })
    expect(carried).toBe(execFileSync('cat', [guest('scripts/local-bottom/domdeck')], { encoding: 'utf8' }))
  })
})

describe('the union-root hook', () => {
  it.each(['scripts/local-top/domdeck', 'scripts/local-bottom/domdeck', 'hooks/domdeck'])(
    '%s answers initramfs-tools that it needs no other script first',
    (file) => {
      expect(execFileSync(guest(file), ['prereqs'], { encoding: 'utf8' })).toBe('\n')
    },
  )

  it.each(['scripts/local-top/domdeck', 'scripts/local-bottom/domdeck'])(
    '%s lets a boot without its kernel words pass',
    (file) => {
      expect(execFileSync(guest(file), { encoding: 'utf8', timeout: 10_000 })).toBe('')
    },
  )
})
