import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Group, groupHues, groupNameSchema, groupSchema, groupsOf, join, leave, rename } from './groups'

type Member = { id: string; group?: Group | undefined }
const ids = Array.from({ length: 12 }, (_, index) => `p${index + 1}`)
const none: ReadonlyMap<string, Member> = new Map(ids.map((id) => [id, { id }]))
const nameOf = (panes: ReadonlyMap<string, Member>, id: string) => panes.get(id)?.group?.name

describe('groups of panes', () => {
  it('are made by the first pane and gone with the last', () => {
    const two = join(none, ['p1', 'p2'], ' canary ')
    expect(groupsOf(two)).toEqual([{ name: 'canary', hue: 1, ids: ['p1', 'p2'] }])
    expect(groupsOf(leave(two, ['p1']))).toEqual([{ name: 'canary', hue: 1, ids: ['p2'] }])
    expect(groupsOf(leave(two, ['p1', 'p2']))).toEqual([])
  })

  it('hold a pane once: joining another leaves the one before', () => {
    const panes = join(join(none, ['p1', 'p2'], 'canary'), ['p2', 'p3'], 'web')
    expect(groupsOf(panes)).toEqual([
      { name: 'canary', hue: 1, ids: ['p1'] },
      { name: 'web', hue: 2, ids: ['p2', 'p3'] },
    ])
  })

  it('are the same in small and in capital letters', () => {
    const panes = join(join(none, ['p1'], 'Canary'), ['p2'], 'canary')
    expect(groupsOf(panes)).toEqual([{ name: 'Canary', hue: 1, ids: ['p1', 'p2'] }])
  })

  it('keep their colour under another name, and are never mixed by one', () => {
    const panes = join(join(none, ['p1'], 'canary'), ['p2'], 'web')
    expect(groupsOf(rename(panes, 'web', 'db'))).toMatchObject([{ name: 'canary' }, { name: 'db', hue: 2, ids: ['p2'] }])
    expect(rename(panes, 'web', 'CANARY')).toBe(panes)
    expect(nameOf(rename(panes, 'web', 'Web'), 'p2')).toBe('Web')
    expect(rename(panes, 'nobody', 'db')).toBe(panes)
  })

  it('each have a colour of their own as long as there is one', () => {
    const panes = ids.reduce((rest, id) => join(rest, [id], `group ${id}`), none)
    const hues = groupsOf(panes).map(({ hue }) => hue)
    expect(new Set(hues.slice(0, groupHues)).size).toBe(groupHues)
    expect(hues.slice(groupHues)).toEqual(hues.slice(0, groupHues))
  })

  it('take names that a person can read', () => {
    for (const name of ['web', '$(reboot)', '-rf', '007', 'Grüppchen', '“x”', 'a'.repeat(40)])
      expect(groupNameSchema.safeParse(name).success).toBe(true)
    for (const name of ['', '   ', 'a'.repeat(41), 'a\nb', 'a\u202eb'])
      expect(groupNameSchema.safeParse(name).success).toBe(false)
  })

  it('stay whole whatever is done to them', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'c', 'd', 'e', 'f', 'g')
    const some = fc.uniqueArray(fc.constantFrom(...ids, 'gone'), { maxLength: 5 })
    const step = fc.oneof(
      fc.record({ do: fc.constant('join' as const), ids: some, name }),
      fc.record({ do: fc.constant('leave' as const), ids: some }),
      fc.record({ do: fc.constant('rename' as const), from: name, name }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let panes = none
        for (const one of steps) {
          if (one.do === 'join') {
            panes = join(panes, one.ids, one.name)
            const joined = one.ids.filter((id) => panes.has(id))
            expect(new Set(joined.map((id) => nameOf(panes, id))).size).toBeLessThanOrEqual(1)
          } else if (one.do === 'leave') {
            panes = leave(panes, one.ids)
            for (const id of one.ids) expect(nameOf(panes, id)).toBeUndefined()
          } else panes = rename(panes, one.from, one.name)

          const groups = groupsOf(panes)
          expect([...panes.keys()]).toEqual(ids)
          expect(new Set(groups.map((group) => group.name.toLowerCase())).size).toBe(groups.length)
          expect(groups.flatMap((group) => group.ids).length).toBe([...panes.values()].filter(({ group }) => group).length)
          for (const { ids: members, ...group } of groups) {
            expect(groupSchema.parse(JSON.parse(JSON.stringify(group)))).toEqual(group)
            expect(members.length).toBeGreaterThan(0)
            for (const id of members) expect(panes.get(id)?.group).toEqual(group)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})
