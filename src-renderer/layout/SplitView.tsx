import './layout.css'
import { Fragment, type ReactNode, useEffect } from 'react'
import { Group, Panel, Separator, useGroupRef } from 'react-resizable-panels'
import type { Reach } from './edges'
import { leaves, type Path, type Split, smallestRatio, type Tree } from './tree'

type SplitViewProps = {
  tree: Tree
  /** What stands in a pane. It is mounted anew when the tree around it changes, so what must last lives elsewhere. */
  renderLeaf(id: string): ReactNode
  /** For screen readers: what the separator after this pane moves. */
  describe(id: string): string
  onResize(path: Path, ratios: readonly number[]): void
  onEqualise(path: Path, reach: Reach): void
}

/** Panes as their tree says, with edges that can be dragged or moved by arrow keys; a double click makes them even, with Shift those inside as well, with Super those around. */
export function SplitView(props: SplitViewProps) {
  return props.tree.kind === 'leaf' ? (
    <div className="split-leaf">{props.renderLeaf(props.tree.id)}</div>
  ) : (
    <SplitGroup {...props} tree={props.tree} path={[]} />
  )
}

function SplitGroup({ tree, path, ...props }: Omit<SplitViewProps, 'tree'> & { tree: Split; path: Path }) {
  const group = useGroupRef()
  const ids = tree.children.map((child) => panelId(child, path))
  const wanted = Object.fromEntries(ids.map((id, index) => [id, (tree.ratios[index] ?? 0) * 100]))
  const wantedText = JSON.stringify(wanted)
  useEffect(() => {
    const handle = group.current
    const layout = JSON.parse(wantedText) as Record<string, number>
    const now = handle?.getLayout() ?? {}
    const same = Object.entries(layout).every(([id, share]) => Math.abs((now[id] ?? 0) - share) < 0.5)
    if (handle && !same && Object.keys(now).length === Object.keys(layout).length) handle.setLayout(layout)
  }, [group, wantedText])
  return (
    // Another set of children is another group: the library keeps sizes by the panels it first saw.
    <Group
      key={ids.join(' ')}
      className="split"
      groupRef={group}
      orientation={tree.direction === 'row' ? 'horizontal' : 'vertical'}
      defaultLayout={wanted}
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction)
          props.onResize(
            path,
            ids.map((id) => (layout[id] ?? 0) / 100),
          )
      }}
    >
      {tree.children.map((child, index) => (
        <Fragment key={ids[index]}>
          {index > 0 && (
            <Separator
              className={tree.direction === 'row' ? 'split-sep beside' : 'split-sep below'}
              aria-label={`Edge of ${props.describe(leaves(tree.children[index - 1]).at(-1) ?? '')}`}
              disableDoubleClick
              onDoubleClick={({ shiftKey, metaKey }) => props.onEqualise(path, { down: shiftKey, up: metaKey })}
            />
          )}
          <Panel id={ids[index] ?? ''} className="split-panel" minSize={`${smallestRatio * 100}%`} style={{ overflow: 'hidden' }}>
            {child.kind === 'leaf' ? props.renderLeaf(child.id) : <SplitGroup {...props} tree={child} path={[...path, index]} />}
          </Panel>
        </Fragment>
      ))}
    </Group>
  )
}

function panelId(tree: Tree, path: Path): string {
  return tree.kind === 'leaf' ? `pane-${tree.id}` : `panes-${path.length}-${leaves(tree).join('-')}`
}
