import { type DragEvent, useState } from 'react'
import { edgeAt, type Side } from '../layout/neighbour'
import { movePane } from './layout'
import { useConsoles } from './store'

const paneType = 'application/x-domdeck-pane'

/** Begins to drag a pane, if it is by its header: text that is dragged is not the pane. */
export function dragPane(event: DragEvent, paneId: string): void {
  if (!(event.target instanceof Element && event.target.matches('.ph'))) return
  event.dataTransfer.setData(paneType, paneId)
  event.dataTransfer.effectAllowed = 'move'
}

/** Whether a pane is dragged, and not a file or a host: then it may be dropped here. Which one is told only by the drop. */
export function acceptPane(event: DragEvent): boolean {
  if (!event.dataTransfer.types.includes(paneType)) return false
  event.preventDefault()
  event.dataTransfer.dropEffect = 'move'
  return true
}

/** The pane that is dropped. */
export function droppedPane(event: DragEvent): string {
  event.preventDefault()
  return event.dataTransfer.getData(paneType)
}

/** Lets panes be dropped on the edges of this one; `edge` is the one where it would go now. */
export function usePaneDrop(paneId: string) {
  const [edge, setEdge] = useState<Side>()
  const find = (event: DragEvent): Side => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    return edgeAt((event.clientX - left) / width, (event.clientY - top) / height)
  }
  return {
    edge,
    handlers: {
      onDragStart: (event: DragEvent): void => dragPane(event, paneId),
      onDragOver: (event: DragEvent): void => setEdge(acceptPane(event) ? find(event) : undefined),
      onDragLeave: (event: DragEvent): void => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setEdge(undefined)
      },
      onDrop: (event: DragEvent): void => {
        setEdge(undefined)
        const dropped = droppedPane(event)
        if (dropped !== '') useConsoles.getState().arrange((layout) => movePane(layout, dropped, paneId, find(event)))
      },
    },
  }
}
