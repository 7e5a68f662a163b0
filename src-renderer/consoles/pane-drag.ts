import type { DragEvent } from 'react'

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
