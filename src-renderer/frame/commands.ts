import type { Guest } from '../../src-shared/models/guest'
import type { Host } from '../../src-shared/models/host'
import { endBroadcast, useBroadcast } from '../consoles/broadcaster'
import { groupEntries } from '../consoles/group-acts'
import type { DockAct } from '../consoles/keys'
import { focusedPane } from '../consoles/layout'
import { openLayout } from '../consoles/named-layouts'
import { perform } from '../consoles/perform'
import { useConsoles } from '../consoles/store'
import { type ToolId, tools } from '../consoles/tools'
import { hostById, useFleet } from '../fleet/store'
import { treeCommands } from '../fleet/tree-commands'
import { chosenGuests, reveal } from '../fleet/tree-store'
import { diskRefusal, type GuestVerb, moveRefusal, verbs } from '../guests/actions'
import { bootRefusal } from '../guests/boot-form'
import { changeRefusal, changeWords, guestChanges } from '../guests/changes'
import { layerCommands } from '../guests/layer-acts'
import { mendRefusal } from '../guests/mend-acts'
import { stackCommands } from '../guests/stack-acts'
import { hostMenu } from '../hosts/host-menu'
import { baseCommands } from '../images/base-acts'
import { packageCommands } from '../images/package-acts'
import { sequenceTarget, useSequences } from '../sequences/runs'
import { settingsParts } from '../settings/parts'
import type { IconName } from '../ui'
import { countWords } from '../ui/words'
import { useAbout } from './about'
import { showDialog } from './dialogs'
import { useDock } from './dock'
import { actOn, changeGuest, fitting, openGuestConsoles, openGuestsTogether } from './guest-actions'
import type { KeyActionId } from './keymap'
import { keysNow } from './keys'
import { copyLink, guestLink } from './links'
import { type FoundGuest, mostGuests, pick, type Query, rank, rankGuest, ranks, readQuery } from './palette-search'
import { usePreferences } from './preferences'
import { hideWindow, openWindow, toggleFullScreen } from './windows'

export type Command = {
  /** What it is remembered by when it was chosen lately, where the title is not the same each day. */
  id?: string
  title: string
  /** Beside the title. */
  more?: string
  icon: IconName
  keys?: string | undefined
  run(): void
}

/** Everything that can be commanded now, for the palette. */
export function commands(): Command[] {
  return [
    ...chosenCommands(),
    ...hostCommands(),
    ...baseCommands(),
    ...packageCommands(),
    ...treeCommands(),
    ...pageCommands(),
    ...paneCommands(),
    ...groupCommands(),
  ]
}

/** What can be done to the guests that are chosen in the tree. */
function chosenCommands(): Command[] {
  const guests = chosenGuests()
  const [first] = guests
  if (!first) return []
  const names = (count: number): string => (count === 1 ? first.name : countWords(count, 'selected guest'))
  const running = guests.filter((guest) => guest.state === 'running')
  const open: Command[] =
    running.length > 0
      ? [
          {
            id: 'chosen console',
            title: `Open console of ${names(running.length)}`,
            icon: 'console',
            run: () => openGuestConsoles(running),
          },
          ...(running.length > 1 ? [together('grid', running), together('tabs', running)] : []),
        ]
      : []
  const acts = (Object.keys(verbs) as GuestVerb[]).flatMap((verb): Command[] => {
    const able = fitting(verb, guests)
    const { label, icon } = verbs[verb]
    const name = able.length === 1 ? (able[0]?.name ?? '') : names(able.length)
    return able.length > 0 ? [{ id: `chosen ${verb}`, title: `${label} ${name}`, icon, run: () => actOn(verb, able) }] : []
  })
  const only = guests.length === 1
  const changes: Command[] = only
    ? guestChanges.flatMap((change): Command[] => {
        const refused = changeRefusal(change, first, hostById(useFleet.getState(), first.hostId)) !== undefined
        const { title, icon } = changeWords[change]
        return refused ? [] : [{ id: `chosen ${change}`, title: title(first.name), icon, run: () => changeGuest(first, change) }]
      })
    : []
  const move: Command[] =
    only && moveRefusal(first, hostById(useFleet.getState(), first.hostId)) === undefined
      ? [
          {
            id: 'chosen move',
            title: `Move ${first.name} to another host`,
            icon: 'network',
            run: () => showDialog({ kind: 'migrate', hostId: first.hostId, guestId: first.id }),
          },
        ]
      : []
  const boot: Command[] =
    only && bootRefusal(first, hostById(useFleet.getState(), first.hostId)) === undefined
      ? [
          {
            id: 'chosen boot',
            title: `Change how ${first.name} boots`,
            icon: 'power',
            run: () => showDialog({ kind: 'boot', hostId: first.hostId, guestId: first.id }),
          },
        ]
      : []
  const mend: Command[] =
    only && mendRefusal(first, hostById(useFleet.getState(), first.hostId)) === undefined
      ? [
          {
            id: 'chosen mend',
            title: `Check disks and console of ${first.name}`,
            icon: 'check',
            run: () => showDialog({ kind: 'mend', hostId: first.hostId, source: { guestId: first.id } }),
          },
        ]
      : []
  const out: Command[] =
    only && diskRefusal(first, hostById(useFleet.getState(), first.hostId)) === undefined
      ? [
          {
            id: 'chosen export',
            title: `Export a disk of ${first.name}`,
            icon: 'download',
            run: () => showDialog({ kind: 'export', hostId: first.hostId, source: { guestId: first.id } }),
          },
        ]
      : []
  const logs: Command[] = only
    ? [
        {
          id: 'chosen logs',
          title: `Logs of ${first.name}`,
          icon: 'code',
          run: () => showDialog({ kind: 'logs', hostId: first.hostId, guestId: first.id }),
        },
      ]
    : []
  const link: Command[] = only
    ? [{ id: 'chosen link', title: `Copy link to ${first.name}`, icon: 'copy', run: () => copyGuestLink(first) }]
    : []
  const layer: Command[] = only ? [...layerCommands(first), ...stackCommands(first)] : []
  const ssh: Command[] =
    only && first.domid !== undefined
      ? [
          {
            id: 'chosen ssh',
            title: `SSH into ${first.name}`,
            icon: 'key',
            run: () => showDialog({ kind: 'ssh', hostId: first.hostId, guestId: first.id }),
          },
        ]
      : []
  const sequence: Command[] =
    running.length > 0
      ? [
          {
            id: 'chosen sequence',
            title: `Run a sequence on ${names(running.length)}`,
            icon: 'play',
            run: () => showDialog({ kind: 'run-sequence', guests: running.map(sequenceTarget) }),
          },
        ]
      : []
  return [...open, ...ssh, ...sequence, ...acts, ...changes, ...boot, ...mend, ...layer, ...move, ...out, ...logs, ...link]
}

function together(how: 'grid' | 'tabs', guests: readonly Guest[]): Command {
  const names = countWords(guests.length, 'selected guest')
  return {
    id: `chosen ${how}`,
    title: how === 'grid' ? `Open consoles of ${names} as a grid in one tab` : `Open consoles of ${names} as tabs`,
    icon: how === 'grid' ? 'split-right' : 'console',
    run: () => openGuestsTogether(guests, how),
  }
}

function copyGuestLink(guest: Guest): void {
  const host = hostById(useFleet.getState(), guest.hostId)
  if (host) copyLink(guestLink(guest, host.settings.name))
}

/** Words that people type for what can be done to one guest. */
const guestWords: readonly {
  id: GuestVerb | 'console' | 'reveal' | 'link'
  title: string
  icon: IconName
  words: readonly string[]
}[] = [
  { id: 'console', title: 'Open console of', icon: 'console', words: ['console', 'open'] },
  { id: 'start', title: 'Start', icon: 'play', words: ['start', 'boot'] },
  { id: 'pause', title: 'Pause', icon: 'pause', words: ['pause'] },
  { id: 'unpause', title: 'Unpause', icon: 'play', words: ['unpause', 'resume'] },
  { id: 'save', title: 'Save', icon: 'download', words: ['save', 'suspend'] },
  { id: 'reboot', title: 'Reboot', icon: 'reboot', words: ['reboot', 'restart'] },
  { id: 'shutdown', title: 'Shut down', icon: 'power', words: ['shutdown', 'stop', 'halt'] },
  { id: 'destroy', title: 'Destroy', icon: 'alert', words: ['destroy', 'kill'] },
  { id: 'delete', title: 'Delete', icon: 'trash', words: ['delete', 'remove'] },
  { id: 'reveal', title: 'Show in the fleet:', icon: 'search', words: ['reveal', 'show'] },
  { id: 'link', title: 'Copy link to', icon: 'copy', words: ['link', 'copy'] },
]
const leastVerb = 3
/** Whether a verb makes sense costs more than whether a name fits. */
const mostConsidered = 500

/** What `reboot web-07` means: for each fitting word, the guests that the rest finds and that it makes sense for. */
export function guestCommands(all: readonly FoundGuest[], { words }: Query): Command[] {
  const [typed = '', ...rest] = words
    .join(' ')
    .replace(/^shut down\b/, 'shutdown')
    .split(' ')
  if (typed.length < leastVerb || rest.length === 0) return []
  const query = readQuery(rest.join(' '))
  return guestWords
    .filter((verb) => verb.words.some((word) => word.startsWith(typed)))
    .flatMap((verb) =>
      pick(all, (one) => rankPlainly(one, query), mostConsidered)
        .things.filter(({ guest }) => canDo(verb.id, guest))
        .map(({ guest, host }) => guestCommand(verb, guest, host)),
    )
    .slice(0, mostGuests)
}

/** Letters in order are enough to find a guest, not to do something to it. */
function rankPlainly(one: FoundGuest, query: Query): number | undefined {
  const found = rankGuest(one, query)
  return found === ranks.letters ? undefined : found
}

/** All that can be done to one guest now. */
export function commandsOf({ guest, host }: FoundGuest): Command[] {
  return guestWords.filter(({ id }) => canDo(id, guest)).map((verb) => guestCommand(verb, guest, host))
}

function canDo(id: (typeof guestWords)[number]['id'], guest: Guest): boolean {
  if (id === 'reveal' || id === 'link') return true
  return id === 'console' ? guest.state === 'running' : fitting(id, [guest]).length > 0
}

function guestCommand({ id, title, icon }: (typeof guestWords)[number], guest: Guest, host: Host): Command {
  const run = (): void => {
    if (id === 'reveal') reveal(guest.hostId, guest)
    else if (id === 'link') copyGuestLink(guest)
    else if (id === 'console') openGuestConsoles([guest])
    else actOn(id, [guest])
  }
  return { id: `${id} ${guest.hostId}/${guest.id}`, title: `${title} ${guest.name}`, more: host.settings.name, icon, run }
}

function hostCommands(): Command[] {
  const fleet = useFleet.getState()
  return fleet.hosts.flatMap((host): Command[] => {
    const { id: hostId, name } = host.settings
    const canClone = host.connection.phase === 'ready' && (fleet.bases.get(hostId)?.length ?? 0) > 0
    const clone: Command[] = canClone
      ? [
          {
            id: `clone ${hostId}`,
            title: `Clone and boot on ${name}`,
            icon: 'clone',
            run: () => showDialog({ kind: 'clone', hostId }),
          },
        ]
      : []
    const answer: Command[] =
      host.connection.phase === 'asking'
        ? [
            {
              id: `answer ${hostId}`,
              title: `Answer ${name}`,
              icon: 'key',
              run: () => showDialog({ kind: 'connection', hostId }),
            },
          ]
        : []
    const menu = hostMenu(host).flatMap((entry): Command[] =>
      entry === 'rule' || entry.disabled !== undefined
        ? []
        : [
            {
              id: `${entry.label} ${hostId}`,
              title: `${entry.label}: ${name}`,
              icon: entry.icon ?? 'server',
              run: entry.onSelect,
            },
          ],
    )
    return [...answer, ...clone, ...menu]
  })
}

function pageCommands(): Command[] {
  const { change, inspectorOpen, sideOpen } = usePreferences.getState()
  const { showConsoles, showJobs, showBases, showSettings } = useDock.getState()
  return [
    { id: 'add-host', title: 'Add host', icon: 'add', run: () => showDialog({ kind: 'add-host' }) },
    { id: 'trust', title: 'Host keys', icon: 'key', run: () => showDialog({ kind: 'trust' }) },
    { id: 'lab', title: 'Start the local Xen lab or a simulated fleet', icon: 'flask', run: () => showDialog({ kind: 'lab' }) },
    { id: 'jobs', title: 'Show jobs of all hosts', icon: 'clock', keys: keysNow('jobs'), run: showJobs },
    { id: 'bases', title: 'Show bases of all hosts', icon: 'layers', run: showBases },
    { id: 'audit', title: 'Export an audit of the jobs', icon: 'download', run: () => showDialog({ kind: 'audit' }) },
    {
      id: 'import-hosts',
      title: 'Import hosts from an inventory',
      icon: 'download',
      run: () => showDialog({ kind: 'import-hosts' }),
    },
    { id: 'export-hosts', title: 'Export hosts as an inventory', icon: 'copy', run: () => showSettings('hosts') },
    { id: 'sequences', title: 'Edit sequences', icon: 'pencil', run: () => showDialog({ kind: 'sequences' }) },
    ...sequenceRunCommands(),
    { id: 'consoles', title: 'Show consoles', icon: 'console', run: showConsoles },
    {
      id: 'layouts',
      title: 'Layouts of consoles',
      icon: 'layers',
      keys: keysNow('layouts'),
      run: () => showDialog({ kind: 'layouts' }),
    },
    ...(usePreferences.getState().layouts ?? []).map(
      (saved): Command => ({
        id: `layout ${saved.name}`,
        title: `Open the layout ${saved.name}`,
        icon: 'layers',
        run: () => {
          showConsoles()
          openLayout(saved)
        },
      }),
    ),
    { id: 'help', title: 'Show all keys', icon: 'info', keys: keysNow('help'), run: () => showDialog({ kind: 'help' }) },
    { id: 'full-screen', title: 'Full screen', icon: 'maximise', keys: keysNow('full-screen'), run: toggleFullScreen },
    {
      id: 'window-title',
      title: 'Title of the window',
      icon: 'pencil',
      keys: keysNow('window-title'),
      run: () => showDialog({ kind: 'title', titled: { of: 'window' } }),
    },
    ...(useAbout.getState().about?.shell === 'desktop'
      ? [{ id: 'hide-window', title: 'Hide the window', icon: 'minus', keys: keysNow('hide-window'), run: hideWindow } as const]
      : []),
    { id: 'window', title: 'New window', icon: 'split-right', keys: keysNow('new-window'), run: openWindow },
    { id: 'recordings', title: 'Recordings of consoles', icon: 'play', run: () => showDialog({ kind: 'recordings' }) },
    { id: 'settings', title: 'Settings', icon: 'settings', keys: keysNow('settings'), run: () => showSettings() },
    ...settingsParts.map(
      ({ id, title }): Command => ({
        id: `settings ${id}`,
        title: `Settings: ${title}`,
        icon: 'settings',
        run: () => showSettings(id),
      }),
    ),
    {
      id: 'inspector',
      title: inspectorOpen ? 'Hide the inspector' : 'Show the inspector',
      icon: 'panel-right',
      run: () => change({ inspectorOpen: !inspectorOpen }),
    },
    {
      id: 'side',
      title: sideOpen === false ? 'Show the fleet' : 'Hide the fleet',
      icon: 'panel-left',
      run: () => change({ sideOpen: sideOpen === false }),
    },
    {
      id: 'filter',
      title: 'Filter the fleet',
      icon: 'filter',
      keys: keysNow('filter'),
      run: () => document.getElementById('fleet-filter')?.focus(),
    },
    { id: 'dark', title: 'Theme: dark', icon: 'moon', run: () => change({ theme: 'dark' }) },
    { id: 'light', title: 'Theme: light', icon: 'sun', run: () => change({ theme: 'light' }) },
    { id: 'system', title: 'Theme: as the system', icon: 'sun', run: () => change({ theme: 'system' }) },
  ]
}

/** Ways back to what runs. */
function sequenceRunCommands(): Command[] {
  return useSequences.getState().runs.map(({ id, name, guests }) => ({
    id: `sequence ${id}`,
    title: `Show the sequence ${name} on ${guests.length === 1 ? guests[0]?.name : countWords(guests.length, 'guest')}`,
    icon: 'play',
    run: () => showDialog({ kind: 'sequence-run', id }),
  }))
}

const paneActs: readonly { id: KeyActionId; title: string; icon: IconName; act: DockAct }[] = [
  { id: 'split-right', title: 'Split the pane to the right', icon: 'split-right', act: { act: 'split', direction: 'row' } },
  { id: 'split-below', title: 'Split the pane below', icon: 'split-down', act: { act: 'split', direction: 'column' } },
  { id: 'pane-maximise', title: 'Maximise the pane, or show all', icon: 'maximise', act: { act: 'maximise', zoom: false } },
  { id: 'pane-zoom', title: 'Zoom the pane with its text, or show all', icon: 'maximise', act: { act: 'maximise', zoom: true } },
  {
    id: 'split-auto',
    title: 'Split the pane along its longer side',
    icon: 'split-right',
    act: { act: 'split', direction: 'auto' },
  },
  { id: 'rotate-right', title: 'Rotate the panes clockwise', icon: 'reboot', act: { act: 'rotate', clockwise: true } },
  { id: 'rotate-left', title: 'Rotate the panes counter-clockwise', icon: 'reboot', act: { act: 'rotate', clockwise: false } },
  { id: 'move-left', title: 'Move the pane left of its neighbour', icon: 'chevron-left', act: { act: 'move', side: 'left' } },
  { id: 'move-right', title: 'Move the pane right of its neighbour', icon: 'chevron-right', act: { act: 'move', side: 'right' } },
  { id: 'move-up', title: 'Move the pane above its neighbour', icon: 'chevron-up', act: { act: 'move', side: 'up' } },
  { id: 'move-down', title: 'Move the pane below its neighbour', icon: 'chevron-down', act: { act: 'move', side: 'down' } },
  { id: 'equalise', title: 'Give all panes the same space', icon: 'split-right', act: { act: 'equalise' } },
  { id: 'pane-next', title: 'Next pane', icon: 'chevron-right', act: { act: 'next', step: 1 } },
  { id: 'pane-previous', title: 'Previous pane', icon: 'chevron-left', act: { act: 'next', step: -1 } },
  { id: 'pane-to-new-tab', title: 'Move the pane to a new tab', icon: 'console', act: { act: 'pane-to-new-tab' } },
  {
    id: 'pane-to-window',
    title: 'Move the pane to a window of its own',
    icon: 'maximise',
    act: { act: 'pane-to-window' },
  },
  { id: 'pane-title', title: 'Title of the pane', icon: 'pencil', act: { act: 'title', of: 'pane' } },
  { id: 'pane-close', title: 'Close the pane', icon: 'close', act: { act: 'close' } },
]

const castActs: typeof paneActs = [
  { id: 'broadcast-all', title: 'Broadcast to all panes', icon: 'broadcast', act: { act: 'broadcast', mode: 'all' } },
  { id: 'broadcast-group', title: 'Broadcast to the group', icon: 'broadcast', act: { act: 'broadcast', mode: 'group' } },
  { id: 'group-all', title: 'Group all panes', icon: 'layers', act: { act: 'group', of: 'all' } },
  { id: 'ungroup-all', title: 'Ungroup all panes', icon: 'layers', act: { act: 'ungroup', of: 'all' } },
  { id: 'group-tab', title: 'Group the panes of the tab', icon: 'layers', act: { act: 'group', of: 'tab' } },
  { id: 'ungroup-tab', title: 'Ungroup the panes of the tab', icon: 'layers', act: { act: 'ungroup', of: 'tab' } },
  { id: 'insert-number', title: 'Insert the number of the pane', icon: 'console', act: { act: 'number', padded: false } },
  { id: 'insert-padded', title: 'Insert the padded number of the pane', icon: 'console', act: { act: 'number', padded: true } },
]

const tabActs: readonly { id: KeyActionId; title: string; icon: IconName; act: DockAct }[] = [
  { id: 'tab-new', title: 'New tab of consoles', icon: 'add', act: { act: 'new-tab' } },
  { id: 'tab-rename', title: 'Rename the tab', icon: 'pencil', act: { act: 'title', of: 'tab' } },
  { id: 'tab-close', title: 'Close the tab', icon: 'close', act: { act: 'close-tab' } },
]
const severalTabsActs: typeof tabActs = [
  { id: 'tab-next', title: 'Next tab', icon: 'chevron-right', act: { act: 'tab', step: 1 } },
  { id: 'tab-previous', title: 'Previous tab', icon: 'chevron-left', act: { act: 'tab', step: -1 } },
  { id: 'tab-move-right', title: 'Move the tab to the right', icon: 'chevron-right', act: { act: 'move-tab', step: 1 } },
  { id: 'tab-move-left', title: 'Move the tab to the left', icon: 'chevron-left', act: { act: 'move-tab', step: -1 } },
  { id: 'pane-to-next-tab', title: 'Move the pane to the next tab', icon: 'console', act: { act: 'pane-to-tab', step: 1 } },
  {
    id: 'pane-to-previous-tab',
    title: 'Move the pane to the previous tab',
    icon: 'console',
    act: { act: 'pane-to-tab', step: -1 },
  },
]

const toolActs: readonly { id: ToolId; title: string; icon: IconName; act: DockAct }[] = tools.map(({ id, title, icon }) => ({
  id,
  title,
  icon,
  act: { act: 'tool', tool: id },
}))

function paneCommands(): Command[] {
  const state = useConsoles.getState()
  const acts = [
    ...(focusedPane(state) === undefined ? [] : [...paneActs, ...toolActs, ...castActs]),
    ...tabActs,
    ...(state.tabs.length > 1 ? severalTabsActs : []),
  ]
  return acts.map(({ act, ...command }) => ({
    ...command,
    keys: act.act === 'tool' && act.tool === 'paste' ? 'Ctrl+Shift+V' : keysNow(command.id as KeyActionId),
    run: () => {
      useDock.getState().showConsoles()
      perform(act)
    },
  }))
}

/** What can be done about the group of the focused pane, and the way out of a broadcast. */
function groupCommands(): Command[] {
  const state = useConsoles.getState()
  const pane = state.panes.get(focusedPane(state) ?? '')
  const end: Command = {
    id: 'broadcast-off',
    title: 'End the broadcast',
    icon: 'broadcast',
    keys: keysNow('broadcast-off'),
    run: endBroadcast,
  }
  return [
    ...(useBroadcast.getState().on ? [end] : []),
    ...(pane ? groupEntries(pane) : []).map(
      ({ id, label, icon, onSelect }): Command => ({ id, title: `${label}: ${pane?.name}`, icon, run: onSelect }),
    ),
  ]
}

/** How well a command fits what was typed. */
export function rankCommand(command: Command, query: Query): number | undefined {
  return rank(command.title, query, true)
}
