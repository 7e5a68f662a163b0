import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostSettings } from '../../src-shared/models/host'
import { defaultPreferences } from '../../src-shared/models/preferences'
import { defaultSettingsFolder, openSettings } from './settings'

const host = (id: string, more: Partial<HostSettings> = {}): HostSettings => ({
  id,
  name: `xen-${id}`,
  address: '192.0.2.7',
  port: 22,
  user: 'root',
  storageRoot: '/srv/domdeck',
  simulated: false,
  ...more,
})

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'domdeck-settings-')), 'made', 'when', 'needed')
})
afterEach(() => rm(join(folder, '../../..'), { recursive: true, force: true }))

describe('settings', () => {
  it('starts empty, and keeps hosts and preferences for the next start', async () => {
    const settings = await openSettings(folder)
    expect(settings.hosts()).toEqual([])
    expect(settings.preferences()).toEqual(defaultPreferences)
    await settings.saveHost(host('a'))
    await settings.saveHost(host('b', { keyPath: '~/.ssh/lab' }))
    await settings.saveHost(host('a', { name: 'renamed' }))
    await settings.savePreferences({ theme: 'light', inspectorOpen: undefined })

    const again = await openSettings(folder)
    expect(again.hosts()).toEqual([host('a', { name: 'renamed' }), host('b', { keyPath: '~/.ssh/lab' })])
    expect(again.preferences()).toEqual({ ...defaultPreferences, theme: 'light' })
    await again.removeHost('a')
    expect((await openSettings(folder)).hosts().map(({ id }) => id)).toEqual(['b'])
  })

  it('keeps the places of hosts, the sites and the saved filters', async () => {
    const settings = await openSettings(folder)
    await settings.saveHosts([host('a', { site: 'San Salvador', order: 1 }), host('b', { order: 0 })])
    const kept = { sites: ['San Salvador', 'Brüssel'], filters: [{ name: 'hot', filter: 'state:running mem:>1G' }] }
    await settings.savePreferences(kept)
    const again = await openSettings(folder)
    expect(again.hosts()).toEqual([host('a', { site: 'San Salvador', order: 1 }), host('b', { order: 0 })])
    expect(again.preferences()).toMatchObject(kept)
  })

  it('keeps simulated hosts for this run and never writes them', async () => {
    const settings = await openSettings(folder)
    await settings.saveHost(host('pretend', { simulated: true }))
    await settings.saveHost(host('real'))
    expect(settings.hosts().map(({ id }) => id)).toEqual(['real', 'pretend'])
    expect(await readFile(settings.file, 'utf8')).not.toContain('pretend')
    await settings.removeHost('pretend')
    expect(settings.hosts().map(({ id }) => id)).toEqual(['real'])
  })

  it('writes what holds last when saves overlap, leaves no scrap behind, and lets nobody else read it', async () => {
    const settings = await openSettings(folder)
    await Promise.all(Array.from({ length: 20 }, (_, index) => settings.savePreferences({ sideWidth: 300 + index })))
    expect((await openSettings(folder)).preferences().sideWidth).toBe(319)
    expect(await readdir(folder)).toEqual(['settings.json'])
    expect((await stat(settings.file)).mode & 0o077).toBe(0)
  })

  it('keeps the fields that a later version wrote', async () => {
    await mkdir(folder, { recursive: true })
    const later = {
      version: 1,
      sites: [{ name: 'Bruges' }],
      hosts: [
        { ...host('a'), colour: 'red' },
        { ...host('b'), colour: 'blue' },
      ],
      preferences: { theme: 'light', gauges: { cpu: true } },
    }
    await writeFile(join(folder, 'settings.json'), JSON.stringify(later))
    const settings = await openSettings(folder)
    expect(settings.hosts()[0]).toEqual(host('a'))
    await settings.saveHost(host('a', { name: 'renamed' }))
    await settings.removeHost('b')
    await settings.savePreferences({ sideWidth: 300 })
    expect(JSON.parse(await readFile(settings.file, 'utf8'))).toEqual({
      version: 1,
      sites: [{ name: 'Bruges' }],
      hosts: [{ ...host('a', { name: 'renamed' }), colour: 'red' }],
      preferences: { ...defaultPreferences, theme: 'light', sideWidth: 300, gauges: { cpu: true } },
    })
  })

  it.each(['{"version":1,"hosts":[', '{"version":2,"hosts":[]}', '{"version":1,"hosts":[{"id":"x"}]}', ''])(
    'moves %j aside, says where, and starts empty',
    async (text) => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'settings.json'), text)
      const settings = await openSettings(folder, () => Date.UTC(2026, 0, 2, 3, 4, 5))
      const kept = join(folder, 'settings.json.broken-2026-01-02T03-04-05.000Z')
      expect(settings.problem).toMatchObject({ code: 'SETTINGS_UNREADABLE', hint: expect.stringContaining(kept) })
      expect(await readFile(kept, 'utf8')).toBe(text)
      expect(settings.hosts()).toEqual([])
      await settings.saveHost(host('a'))
      expect((await openSettings(folder)).problem).toBeUndefined()
    },
  )

  it('does not start over a file that it may not read', async () => {
    await mkdir(join(folder, 'settings.json'), { recursive: true })
    await expect(openSettings(folder)).rejects.toMatchObject({ problem: { code: 'SETTINGS_UNREADABLE' } })
  })

  it('says so when it cannot write', async () => {
    await mkdir(join(folder, '..'), { recursive: true })
    const settings = await openSettings(folder)
    await writeFile(folder, 'a file where the folder should be')
    await expect(settings.saveHost(host('a'))).rejects.toMatchObject({ problem: { code: 'SETTINGS_UNREADABLE' } })
  })

  it('lives where the XDG specification says', () => {
    expect(defaultSettingsFolder({ XDG_CONFIG_HOME: '/elsewhere' })).toBe('/elsewhere/domdeck')
    expect(defaultSettingsFolder({ XDG_CONFIG_HOME: 'relative' })).toMatch(/\/\.config\/domdeck$/)
    expect(defaultSettingsFolder({})).toMatch(/\/\.config\/domdeck$/)
  })
})
