import { ipcRenderer } from 'electron'

// The page gets one MessagePort and nothing else. Module scripts have run by DOMContentLoaded, so it listens already.
ipcRenderer.on('domdeck:port', (event) => window.postMessage({ domdeck: 'port' }, window.location.origin, [...event.ports]))
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send('domdeck:connect'))
