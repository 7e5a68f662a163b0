import './frame.css'
import { type CSSProperties, useEffect, useState } from 'react'
import { usePage } from '../api/page'
import { BulkStrip } from '../fleet/BulkStrip'
import { Side } from '../fleet/Side'
import { useFleet } from '../fleet/store'
import { JobTray } from '../jobs/JobTray'
import { Icon, TooltipProvider } from '../ui'
import { Welcome } from '../welcome/Welcome'
import { DialogHost } from './DialogHost'
import { Dock } from './Dock'
import { useDock } from './dock'
import { Inspector } from './Inspector'
import { onPageKey } from './keys'
import { NoticeList } from './NoticeList'
import { usePreferences } from './preferences'
import { noteFocus } from './regions'
import { Splitter } from './Splitter'
import { TopBar } from './TopBar'
import { columnWidths, inspectorRange, sideRange } from './widths'

/** The whole page. */
export function App() {
  const empty = useFleet((fleet) => fleet.loaded && fleet.hosts.length === 0)
  const settings = useDock((dock) => dock.active === 'settings')
  useEffect(() => {
    const onFocus = (event: FocusEvent): void => noteFocus(event.target)
    window.addEventListener('keydown', onPageKey, true)
    window.addEventListener('focusin', onFocus)
    return () => {
      window.removeEventListener('keydown', onPageKey, true)
      window.removeEventListener('focusin', onFocus)
    }
  }, [])
  return (
    <TooltipProvider delay={500}>
      <div className="app">
        <TopBar />
        {empty && !settings ? <Welcome /> : <Columns />}
        <div className="foot">
          <NoticeList />
          <LostBar />
          <BulkStrip />
          {!empty && <JobTray />}
        </div>
      </div>
      <DialogHost />
    </TooltipProvider>
  )
}

function Columns() {
  const preferences = usePreferences()
  const window = useWindowWidth()
  const { side, inspector } = columnWidths(preferences, window)
  const style = { '--w-side': `${side}px`, '--w-insp': `${inspector}px` } as CSSProperties
  return (
    <div className="main" style={style}>
      {side > 0 ? (
        <Side>
          <Splitter
            label="Width of the fleet"
            side="left"
            value={side}
            {...sideRange}
            onChange={(sideWidth) => preferences.change({ sideWidth })}
          />
        </Side>
      ) : (
        <span />
      )}
      <Dock />
      {inspector > 0 && (
        <Inspector>
          <Splitter
            label="Width of the inspector"
            side="right"
            value={inspector}
            {...inspectorRange}
            onChange={(inspectorWidth) => preferences.change({ inspectorWidth })}
          />
        </Inspector>
      )}
    </div>
  )
}

/** Says that the page itself has lost the main side; what is on screen stays. */
function LostBar() {
  const lost = usePage((page) => page.state === 'lost')
  return (
    <div role="status">
      {lost && (
        <p className="lost">
          <Icon name="alert" size="s" />
          Domdeck itself does not answer. What you see is from before; the page reconnects by itself. Jobs go on without it.
        </p>
      )}
    </div>
  )
}

function useWindowWidth(): number {
  const [width, setWidth] = useState(window.innerWidth)
  useEffect(() => {
    const onResize = (): void => setWidth(window.innerWidth)
    window.addEventListener('resize', onResize)
    return () => window.removeEventListener('resize', onResize)
  }, [])
  return width
}
