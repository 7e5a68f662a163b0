import { guestById, useFleet, useHost } from '../fleet/store'
import { showDialog } from '../frame/dialogs'
import { keysNow } from '../frame/keys'
import { attempt } from '../frame/notices'
import { Glyph, GuestName, Icon, IconButton, LinkButton, Menu, type MenuEntry, type Submenu, Tag } from '../ui'
import { groupEntries } from './group-acts'
import { closePane, type Pane, setReadOnly, splitPane, tabOf, toggleMaximised } from './layout'
import { markWords } from './marks'
import { paneToWindow } from './named-layouts'
import { newPaneId } from './open'
import type { Session } from './session'
import { shellMenu } from './shell-menu'
import { paneKind } from './shells'
import { statusGlyph } from './status'
import { type PaneFacts, takeKeys, useConsoles } from './store'
import { askTitle } from './tab-acts'
import { movePaneToTab, otherTabs, tabTitle } from './tabs'
import { toolEntries } from './tool-menu'
import { watchWords } from './watches'

/** Name, host and state at the left; who writes, the size and the menu at the right. */
export function PaneHeader({
  pane,
  facts,
  session,
  writes,
}: {
  pane: Pane
  facts: PaneFacts
  session: Session
  writes: boolean
}) {
  const guest = useFleet((fleet) => guestById(fleet, pane.hostId, pane.guestId))
  const host = useHost(pane.hostId)
  const name = guest?.name ?? pane.name
  const glyph = statusGlyph(facts.status, guest)
  const kind = paneKind(pane)
  const readOnly = facts.writer !== undefined && !writes && !pane.readOnly
  const take = (): void =>
    void attempt(`Take over the console of ${name}`, () => session.takeWriter().then(() => takeKeys(pane.id)))
  return (
    <header className="ph" draggable>
      {pane.group && (
        <span className="grp" title={`Group ${pane.group.name}`}>
          <i className="dot" style={{ background: `var(--g-${pane.group.hue})` }} />
          <span className="el">{pane.group.name}</span>
        </span>
      )}
      <span className="gn" title={pane.title === undefined ? name : `${pane.title}: ${name}`}>
        <b>{pane.title ?? <GuestName name={name} />}</b>
        {pane.title !== undefined && <span className="own"> {name}</span>}
        {host && pane.shell?.kind !== 'host' && <span className="at"> @ {host.settings.name}</span>}
      </span>
      <span className="kind" title={kind.words}>
        <Icon name={kind.icon} size="xs" />
        <span className="el">{kind.words}</span>
      </span>
      {host?.settings.simulated && (
        <span className="sim">
          <Tag tone="cyan">simulated</Tag>
        </span>
      )}
      <Glyph shape={glyph.shape} label={glyph.label} />
      {facts.mark && (
        <span className="mark-w red nw" title={facts.mark.line}>
          <Icon name="alert" size="xs" />
          <span>{markWords(facts.mark)}</span>
        </span>
      )}
      <span className="sp" />
      {pane.readOnly && (
        <span className="hint" role="status">
          <Icon name="lock" size="xs" />
          <span className="who el">Read-only</span>
          <LinkButton onClick={() => useConsoles.getState().arrange((layout) => setReadOnly(layout, pane.id, false))}>
            Allow typing
          </LinkButton>
        </span>
      )}
      {readOnly && (
        <span className="hint" role="status">
          <Icon name="lock" size="xs" />
          <span className="who el">Read-only{facts.writer?.who ? `, ${facts.writer.who} is typing` : ''}</span>
          <LinkButton onClick={take}>Take over</LinkButton>
        </span>
      )}
      {facts.recording && (
        <span className="rec" title={facts.recording.input ? 'Recorded with what is typed' : 'Recorded'} role="status">
          <span className="dot" aria-hidden="true" />
          <span className="sr">Recorded{facts.recording.input ? ' with what is typed' : ''}</span>
        </span>
      )}
      {facts.watch && (
        <IconButton
          icon="bell"
          iconSize="xs"
          size="xs"
          className="cyan"
          label={`Waiting: tell me when ${watchWords(facts.watch)}`}
          onClick={() => showDialog({ kind: 'watch-console', paneId: pane.id })}
        />
      )}
      {facts.size && (
        <span
          className="size"
          title={pane.shell ? 'Columns × rows' : 'Columns × rows here; a Xen console does not tell them to the guest'}
        >
          {facts.size.columns}×{facts.size.rows}
        </span>
      )}
      <Menu
        trigger={
          <IconButton icon="more" iconSize="s" size="xs" label={`Menu of the ${pane.shell ? 'shell' : 'console'} of ${name}`} />
        }
        entries={() => menuEntries(pane, facts, readOnly, take)}
      />
    </header>
  )
}

function menuEntries(pane: Pane, facts: PaneFacts, readOnly: boolean, take: () => void): (MenuEntry | Submenu)[] {
  const state = useConsoles.getState()
  const { arrange } = state
  const tab = tabOf(state, pane.id)
  return [
    ...(readOnly ? [{ label: 'Take over', icon: 'pencil' as const, onSelect: take }, 'rule' as const] : []),
    {
      label: 'Split right',
      icon: 'split-right',
      keys: keysNow('split-right'),
      onSelect: () => arrange((layout) => splitPane(layout, pane.id, 'row', newPaneId)),
    },
    {
      label: 'Split below',
      icon: 'split-down',
      keys: keysNow('split-below'),
      onSelect: () => arrange((layout) => splitPane(layout, pane.id, 'column', newPaneId)),
    },
    {
      label: tab?.maximised ? 'Restore' : 'Maximise',
      icon: 'maximise',
      keys: keysNow('pane-maximise'),
      onSelect: () => arrange((layout) => toggleMaximised(layout, pane.id)),
    },
    'rule',
    {
      label: 'Title',
      icon: 'pencil',
      keys: keysNow('pane-title'),
      onSelect: () => askTitle({ of: 'pane', id: pane.id }),
    },
    {
      label: 'Move to a new tab',
      icon: 'console',
      keys: keysNow('pane-to-new-tab'),
      ...(tab?.tree?.kind === 'leaf' ? { disabled: 'alone in its tab' } : {}),
      onSelect: () => arrange((layout) => movePaneToTab(layout, pane.id, undefined, newPaneId)),
    },
    {
      label: 'Move to a window of its own',
      icon: 'maximise',
      keys: keysNow('pane-to-window'),
      onSelect: () => paneToWindow(pane),
    },
    ...otherTabs(state, pane.id).map(
      (other): MenuEntry => ({
        id: other.id,
        label: `Move to tab ${tabTitle(state, other)}`,
        icon: 'console',
        onSelect: () => arrange((layout) => movePaneToTab(layout, pane.id, other.id, newPaneId)),
      }),
    ),
    'rule',
    ...shellMenu(pane),
    'rule',
    { label: 'Group', icon: 'layers', entries: groupEntries(pane) },
    'rule',
    ...toolEntries(pane, facts),
    'rule',
    {
      label: 'Close pane',
      icon: 'close',
      keys: keysNow('pane-close'),
      onSelect: () => arrange((layout) => closePane(layout, pane.id)),
    },
  ]
}
