import './theme/index.css'
import { createRoot } from 'react-dom/client'
import { keepConnected } from './api/page'
import { App } from './frame/App'
import { followMainSide } from './frame/streams'
import { applyTheme } from './theme/theme'

applyTheme(document.documentElement)
followMainSide()
void keepConnected(new AbortController().signal)

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
