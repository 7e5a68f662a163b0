import { WebglAddon } from '@xterm/addon-webgl'
import type { Terminal } from '@xterm/xterm'

/** Browsers keep some 16 WebGL contexts and take the oldest away; panes beyond this draw with the DOM, which is fast enough. */
const mostContexts = 8
let contexts = 0
let hardware: boolean | undefined

/** Whether WebGL is done by a graphics card. By software it is slower than the DOM renderer, and takes the CPU from parsing. */
export function isHardware(renderer: string): boolean {
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer)
}

function haveHardware(): boolean {
  if (hardware !== undefined) return hardware
  const gl = document.createElement('canvas').getContext('webgl2')
  const info = gl?.getExtension('WEBGL_debug_renderer_info')
  hardware = gl != null && info != null && isHardware(String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)))
  gl?.getExtension('WEBGL_lose_context')?.loseContext()
  return hardware
}

/** Draws a terminal with WebGL if that is worth it and one of the few contexts is free. Returns what gives it back. */
export function drawWithWebgl(terminal: Terminal): () => void {
  if (contexts >= mostContexts || !haveHardware()) return () => undefined
  const addon = new WebglAddon()
  let held = true
  const release = (): void => {
    if (!held) return
    held = false
    contexts -= 1
    // Disposing the addon leaves the context to the garbage collector (xterm.js issue 6068).
    const canvases = [...(terminal.element?.querySelectorAll('canvas') ?? [])]
    addon.dispose()
    for (const canvas of canvases) canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
  }
  contexts += 1
  addon.onContextLoss(release)
  try {
    terminal.loadAddon(addon)
  } catch {
    release()
  }
  return release
}
