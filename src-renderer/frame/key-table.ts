/**
 * Where a shortcut is heard: `page` everywhere but in a console, whose keys are the guest's; `everywhere` in a console too;
 * `consoles` on the panes of the dock.
 */
export type Where = 'page' | 'everywhere' | 'consoles'

type Row = {
  id: string
  title: string
  where: Where
  keys: string
  /** A browser cannot do it: there its keys are the guest's. */
  desktopOnly?: true
}

/** Terminator has actions for so many tabs. */
const tabPlaces = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] as const

/**
 * All that has a shortcut, part by part, with the usual keys, separated by spaces. Consoles have Terminator's, and beside each that
 * a browser or the desktop keeps for itself another one: Alt+Shift where Terminator has Ctrl+Shift or Super, Alt where it has Ctrl.
 */
export const keyParts = [
  {
    title: 'The page',
    actions: [
      { id: 'palette', title: 'Search hosts, guests, commands', where: 'page', keys: 'Ctrl+K' },
      { id: 'palette-in-console', title: 'Search, also from a console', where: 'everywhere', keys: 'Ctrl+Shift+K' },
      { id: 'filter', title: 'Filter the fleet', where: 'page', keys: '/' },
      { id: 'jobs', title: 'Show the jobs of all hosts', where: 'page', keys: 'Ctrl+J' },
      { id: 'jobs-in-console', title: 'Show the jobs, also from a console', where: 'everywhere', keys: 'Ctrl+Shift+J' },
      { id: 'settings', title: 'Open the settings', where: 'page', keys: 'Ctrl+,' },
      { id: 'region-next', title: 'Next part of the window', where: 'page', keys: 'F6' },
      { id: 'region-previous', title: 'Previous part of the window', where: 'page', keys: 'Shift+F6' },
      {
        id: 'region-next-in-console',
        title: 'Next part of the window, also from a console',
        where: 'everywhere',
        keys: 'Ctrl+F6',
      },
      {
        id: 'region-previous-in-console',
        title: 'Previous part of the window, also from a console',
        where: 'everywhere',
        keys: 'Ctrl+Shift+F6',
      },
    ],
  },
  {
    title: 'Panes',
    actions: [
      { id: 'split-right', title: 'Split the pane to the right', where: 'consoles', keys: 'Ctrl+Shift+E' },
      { id: 'split-below', title: 'Split the pane below', where: 'consoles', keys: 'Ctrl+Shift+O' },
      { id: 'split-auto', title: 'Split the pane along its longer side', where: 'consoles', keys: 'Ctrl+Shift+A' },
      { id: 'pane-close', title: 'Close the pane', where: 'consoles', keys: 'Ctrl+Shift+W Alt+Shift+W' },
      { id: 'pane-maximise', title: 'Maximise the pane, or show all', where: 'consoles', keys: 'Ctrl+Shift+X' },
      { id: 'pane-zoom', title: 'Zoom the pane with its text, or show all', where: 'consoles', keys: 'Ctrl+Shift+Z' },
      { id: 'pane-next', title: 'Next pane', where: 'consoles', keys: 'Ctrl+Shift+N Ctrl+Tab Alt+Shift+N' },
      { id: 'pane-previous', title: 'Previous pane', where: 'consoles', keys: 'Ctrl+Shift+P Ctrl+Shift+Tab Alt+Shift+P' },
      { id: 'pane-left', title: 'Pane to the left', where: 'consoles', keys: 'Alt+Left' },
      { id: 'pane-right', title: 'Pane to the right', where: 'consoles', keys: 'Alt+Right' },
      { id: 'pane-up', title: 'Pane above', where: 'consoles', keys: 'Alt+Up' },
      { id: 'pane-down', title: 'Pane below', where: 'consoles', keys: 'Alt+Down' },
      { id: 'edge-left', title: 'Move the edge of the pane to the left', where: 'consoles', keys: 'Ctrl+Shift+Left' },
      { id: 'edge-right', title: 'Move the edge of the pane to the right', where: 'consoles', keys: 'Ctrl+Shift+Right' },
      { id: 'edge-up', title: 'Move the edge of the pane up', where: 'consoles', keys: 'Ctrl+Shift+Up' },
      { id: 'edge-down', title: 'Move the edge of the pane down', where: 'consoles', keys: 'Ctrl+Shift+Down' },
      { id: 'pane-title', title: 'Title of the pane', where: 'consoles', keys: 'Ctrl+Alt+X' },
      { id: 'rotate-right', title: 'Rotate the panes clockwise', where: 'consoles', keys: 'Meta+R Alt+Shift+R' },
      { id: 'rotate-left', title: 'Rotate the panes counter-clockwise', where: 'consoles', keys: 'Shift+Meta+R Alt+Shift+L' },
      { id: 'equalise', title: 'Give all panes the same space', where: 'consoles', keys: '' },
      { id: 'move-left', title: 'Move the pane left of its neighbour', where: 'consoles', keys: 'Alt+Shift+Left' },
      { id: 'move-right', title: 'Move the pane right of its neighbour', where: 'consoles', keys: 'Alt+Shift+Right' },
      { id: 'move-up', title: 'Move the pane above its neighbour', where: 'consoles', keys: 'Alt+Shift+Up' },
      { id: 'move-down', title: 'Move the pane below its neighbour', where: 'consoles', keys: 'Alt+Shift+Down' },
    ],
  },
  {
    title: 'Tabs',
    actions: [
      { id: 'tab-new', title: 'New tab', where: 'consoles', keys: 'Ctrl+Shift+T Alt+Shift+T' },
      { id: 'tab-next', title: 'Next tab', where: 'consoles', keys: 'Ctrl+PageDown Alt+PageDown' },
      { id: 'tab-previous', title: 'Previous tab', where: 'consoles', keys: 'Ctrl+PageUp Alt+PageUp' },
      {
        id: 'tab-move-right',
        title: 'Move the tab to the right',
        where: 'consoles',
        keys: 'Ctrl+Shift+PageDown Alt+Shift+PageDown',
      },
      {
        id: 'tab-move-left',
        title: 'Move the tab to the left',
        where: 'consoles',
        keys: 'Ctrl+Shift+PageUp Alt+Shift+PageUp',
      },
      { id: 'tab-rename', title: 'Rename the tab', where: 'consoles', keys: 'Ctrl+Alt+A' },
      { id: 'tab-close', title: 'Close the tab', where: 'consoles', keys: '' },
      { id: 'pane-to-new-tab', title: 'Move the pane to a new tab', where: 'consoles', keys: '' },
      { id: 'pane-to-next-tab', title: 'Move the pane to the next tab', where: 'consoles', keys: '' },
      { id: 'pane-to-previous-tab', title: 'Move the pane to the previous tab', where: 'consoles', keys: '' },
      ...tabPlaces.map((place) => ({ id: `tab-${place}`, title: `Go to tab ${place}`, where: 'consoles', keys: '' }) as const),
    ],
  },
  {
    title: 'Groups and broadcast',
    actions: [
      { id: 'group-all', title: 'Group all panes', where: 'consoles', keys: 'Meta+G Alt+Shift+G' },
      { id: 'ungroup-all', title: 'Ungroup all panes', where: 'consoles', keys: 'Shift+Meta+G Alt+Shift+U' },
      { id: 'group-tab', title: 'Group the panes of the tab', where: 'consoles', keys: 'Meta+T Alt+Shift+Y' },
      { id: 'ungroup-tab', title: 'Ungroup the panes of the tab', where: 'consoles', keys: 'Shift+Meta+T Alt+Shift+J' },
      { id: 'broadcast-off', title: 'End the broadcast', where: 'everywhere', keys: 'Ctrl+Shift+D' },
      { id: 'broadcast-group', title: 'Broadcast to the group', where: 'consoles', keys: 'Ctrl+Shift+M' },
      { id: 'broadcast-all', title: 'Broadcast to all panes', where: 'consoles', keys: 'Ctrl+Shift+B' },
      { id: 'insert-number', title: 'Insert the number of the pane', where: 'consoles', keys: 'Meta+1 Alt+Shift+1' },
      { id: 'insert-padded', title: 'Insert the padded number of the pane', where: 'consoles', keys: 'Meta+0 Alt+Shift+0' },
    ],
  },
  {
    title: 'Text of a console',
    actions: [
      { id: 'copy', title: 'Copy what is selected', where: 'consoles', keys: 'Ctrl+Shift+C' },
      { id: 'paste-selection', title: 'Paste the last selection', where: 'consoles', keys: '' },
      { id: 'search', title: 'Search in the pane', where: 'consoles', keys: 'Ctrl+Shift+F' },
      { id: 'font-larger', title: 'Larger font in the pane', where: 'consoles', keys: 'Ctrl+Plus' },
      { id: 'font-smaller', title: 'Smaller font in the pane', where: 'consoles', keys: 'Ctrl+-' },
      { id: 'font-normal', title: 'Usual font size in the pane', where: 'consoles', keys: 'Ctrl+0' },
      { id: 'font-larger-all', title: 'Larger font in all panes', where: 'consoles', keys: '' },
      { id: 'font-smaller-all', title: 'Smaller font in all panes', where: 'consoles', keys: '' },
      { id: 'font-normal-all', title: 'Usual font size in all panes', where: 'consoles', keys: '' },
      { id: 'tell-size', title: 'Tell the guest the size of the pane', where: 'consoles', keys: '' },
      { id: 'clear', title: 'Clear the scrollback of the pane', where: 'consoles', keys: '' },
      { id: 'reset', title: 'Reset the terminal', where: 'consoles', keys: 'Ctrl+Shift+R' },
      { id: 'reset-clear', title: 'Reset and clear the terminal', where: 'consoles', keys: 'Ctrl+Shift+G' },
      { id: 'read-only', title: 'Read-only pane, or typing again', where: 'consoles', keys: '' },
      { id: 'scrollbar', title: 'Show or hide the scrollbar of the pane', where: 'consoles', keys: 'Ctrl+Shift+S' },
      { id: 'times', title: 'Show when each line came', where: 'consoles', keys: '' },
      { id: 'snapshot-text', title: 'Save the lines of the pane as text', where: 'consoles', keys: '' },
      { id: 'snapshot-html', title: 'Save the lines of the pane as HTML', where: 'consoles', keys: '' },
      { id: 'snapshot-png', title: 'Save a picture of the pane', where: 'consoles', keys: '' },
      { id: 'record', title: 'Record the pane, or end that', where: 'consoles', keys: '' },
      { id: 'record-input', title: 'Record the pane with what is typed', where: 'consoles', keys: '' },
      { id: 'record-always', title: 'Always record the guest', where: 'consoles', keys: '' },
      { id: 'console-log', title: 'Show or hide the log that the host keeps of the console', where: 'consoles', keys: '' },
      { id: 'watch', title: 'Tell me when a text appears in the pane, or when it is quiet', where: 'consoles', keys: '' },
    ],
  },
  {
    title: 'Layouts and windows',
    actions: [
      { id: 'layouts', title: 'Layouts of consoles', where: 'everywhere', keys: 'Alt+L' },
      { id: 'pane-to-window', title: 'Move the pane to a window of its own', where: 'consoles', keys: '' },
      { id: 'new-window', title: 'Open another window', where: 'everywhere', keys: 'Ctrl+Shift+I Meta+I Alt+Shift+I' },
      { id: 'close-window', title: 'Close the window', where: 'everywhere', keys: 'Ctrl+Shift+Q Alt+Shift+Q' },
      { id: 'window-title', title: 'Title of the window', where: 'everywhere', keys: 'Ctrl+Alt+W' },
      {
        id: 'hide-window',
        title: 'Hide the window; its keys, or starting Domdeck again, bring it back',
        where: 'everywhere',
        keys: 'Ctrl+Alt+Shift+A',
        desktopOnly: true,
      },
      { id: 'full-screen', title: 'Full screen', where: 'everywhere', keys: 'F11' },
      { id: 'help', title: 'Show all keys', where: 'everywhere', keys: 'F1' },
    ],
  },
] as const satisfies readonly { title: string; actions: readonly Row[] }[]

/** What Terminator takes of keys that would be a guest's otherwise. */
export const takenByTerminator: ReadonlySet<string> = new Set([
  'Ctrl+Alt+A',
  'Ctrl+Alt+Shift+A',
  'Ctrl+Alt+W',
  'Ctrl+Alt+X',
  'Alt+L',
  'F1',
  'F11',
  'Meta+0',
  'Meta+1',
  'Meta+G',
  'Meta+I',
  'Meta+R',
  'Meta+T',
  'Shift+Meta+G',
  'Shift+Meta+R',
  'Shift+Meta+T',
])
