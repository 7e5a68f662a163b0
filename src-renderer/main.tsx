import './theme/index.css'
import { createRoot } from 'react-dom/client'
import { keepConnected } from './api/page'
import { App } from './frame/App'
import { CrashScreen } from './frame/CrashScreen'
import { followCrashes } from './frame/crashes'
import { followHappenings } from './frame/happenings'
import { followLinks } from './frame/links'
import { followMainSide } from './frame/streams'
import { applyTheme } from './theme/theme'

followCrashes()
applyTheme(document.documentElement)
followMainSide()
followHappenings()
followLinks()
void keepConnected(new AbortController().signal)

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <CrashScreen>
      <App />
    </CrashScreen>,
  )
