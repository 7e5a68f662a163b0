import { z } from 'zod'

export const groupNameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name for the group.')
  .max(40, 'The name of a group has at most 40 characters.')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'The name of a group has no control characters.')

/** How many colours of groups there are: `--g-1` to `--g-6`. */
export const groupHues = 6

export const groupSchema = z.object({ name: groupNameSchema, hue: z.number().int().min(1).max(groupHues) })

/** A group of panes as each of its panes knows it; it is there as long as one pane is in it. All of one name have one hue. */
export type Group = z.infer<typeof groupSchema>

type Member = { readonly group?: Group | undefined }
type Panes<P> = ReadonlyMap<string, P>

/** The groups there are, in the order of their first panes, with the ids of their panes. */
export function groupsOf<P extends Member>(panes: Panes<P>): (Group & { ids: string[] })[] {
  const groups = new Map<string, Group & { ids: string[] }>()
  for (const [id, { group }] of panes) {
    if (!group) continue
    const known = groups.get(group.name)
    if (known) known.ids.push(id)
    else groups.set(group.name, { ...group, ids: [id] })
  }
  return [...groups.values()]
}

/** The group of this name; people mean the same one by `Web` and `web`. */
export function groupNamed<P extends Member>(panes: Panes<P>, name: string): Group | undefined {
  const wanted = name.trim().toLowerCase()
  return groupsOf(panes).find((group) => group.name.toLowerCase() === wanted)
}

/** Puts panes into the group of this name, which is made if there is none, and out of any other. */
export function join<P extends Member>(panes: Panes<P>, ids: readonly string[], name: string): Panes<P> {
  const group = groupNamed(panes, name)
  const { name: itsName, hue } = group ?? { name: name.trim(), hue: freeHue(panes) }
  return regroup(panes, ids, { name: itsName, hue })
}

/** Takes panes out of their groups. */
export function leave<P extends Member>(panes: Panes<P>, ids: readonly string[]): Panes<P> {
  return regroup(panes, ids, undefined)
}

/** Gives a group another name. The panes of a group that has this name already are not mixed with it: nothing changes. */
export function rename<P extends Member>(panes: Panes<P>, from: string, to: string): Panes<P> {
  const group = groupsOf(panes).find(({ name }) => name === from)
  const other = groupNamed(panes, to)
  if (!group || (other && other.name !== from)) return panes
  return regroup(panes, group.ids, { name: to.trim(), hue: group.hue })
}

function regroup<P extends Member>(panes: Panes<P>, ids: readonly string[], group: Group | undefined): Panes<P> {
  const changed = new Map(panes)
  for (const id of ids) {
    const pane = panes.get(id)
    if (pane) changed.set(id, { ...pane, group })
  }
  return changed
}

/** The hue that the fewest groups have, the first of several. */
function freeHue<P extends Member>(panes: Panes<P>): number {
  const taken = groupsOf(panes).map(({ hue }) => hue)
  const uses = Array.from({ length: groupHues }, (_, index) => taken.filter((hue) => hue === index + 1).length)
  return uses.indexOf(Math.min(...uses)) + 1
}
