import type { Command } from '../frame/commands'
import { showDialog } from '../frame/dialogs'
import { usePreferences } from '../frame/preferences'
import { countWords } from '../ui/words'
import { bulkVerbs } from './bulk-acts'
import { useBulks } from './bulk-store'
import { parseFilter } from './filter'
import { deleteFilter } from './SavedFilters'
import { sitesNow } from './site-actions'
import { useFleet } from './store'
import { chosenGuests, selectMatching, useTree } from './tree-store'

/** What the palette can do about several guests, sites and filters. */
export function treeCommands(): Command[] {
  return [...bulkCommands(), ...filterCommands(), ...siteCommands()]
}

/** What only several guests have a dialog for; the palette has the verbs of a single guest already. */
const onlyBulk = ['autostart-on', 'autostart-off', 'memory', 'vcpus', 'tag', 'untag'] as const

function bulkCommands(): Command[] {
  const guests = chosenGuests()
  const bulks = useBulks.getState().bulks
  return [
    ...(guests.length < 2 ? [] : onlyBulk).map(
      (verb): Command => ({
        title: `${bulkVerbs[verb].label}: ${countWords(guests.length, 'selected guest')}`,
        icon: bulkVerbs[verb].icon,
        run: () => showDialog({ kind: 'bulk', verb, guests }),
      }),
    ),
    ...bulks.map(
      ({ id, title }): Command => ({
        title: `Details of: ${title}`,
        icon: 'info',
        run: () => showDialog({ kind: 'bulk-progress', id }),
      }),
    ),
  ]
}

function filterCommands(): Command[] {
  const { filter, setFilter } = useTree.getState()
  const { filters = [] } = usePreferences.getState()
  const { terms, errors } = parseFilter(filter)
  const save: Command[] =
    terms.length > 0 && errors.length === 0
      ? [{ title: 'Save the filter', icon: 'filter', run: () => showDialog({ kind: 'save-filter' }) }]
      : []
  const selectAll: Command[] =
    terms.length > 0 ? [{ title: 'Select all that match the filter', icon: 'check', run: selectMatching }] : []
  return [
    ...save,
    ...selectAll,
    ...filters.flatMap((saved): Command[] => [
      { title: `Filter: ${saved.name}`, icon: 'filter', run: () => setFilter(saved.filter) },
      { title: `Rename the filter ${saved.name}`, icon: 'pencil', run: () => showDialog({ kind: 'save-filter', rename: saved }) },
      { title: `Delete the filter ${saved.name}`, icon: 'trash', run: () => deleteFilter(saved.name) },
    ]),
  ]
}

function siteCommands(): Command[] {
  const { hosts } = useFleet.getState()
  return [
    { title: 'New site', icon: 'layers', run: () => showDialog({ kind: 'site' }) },
    ...sitesNow().flatMap((site): Command[] => [
      { title: `Edit the site ${site}`, icon: 'pencil', run: () => showDialog({ kind: 'site', site }) },
      { title: `Delete the site ${site}`, icon: 'trash', run: () => showDialog({ kind: 'delete-site', site }) },
    ]),
    ...hosts.map(
      ({ settings }): Command => ({
        title: `Move ${settings.name} to a site`,
        icon: 'layers',
        run: () => showDialog({ kind: 'move-host', hostId: settings.id }),
      }),
    ),
  ]
}
