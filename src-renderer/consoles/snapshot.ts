import type { IBufferCell, ITheme, Terminal } from '@xterm/xterm'

/** Text of one look, with colours as `#rrggbb`. */
export type Run = {
  text: string
  /** Cells; some characters take two. */
  width: number
  foreground: string
  background: string
  bold: boolean
  italic: boolean
  underline: boolean
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
const brightNames = [
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const
const cube = [0, 95, 135, 175, 215, 255]

/** The lines of a terminal as they look, from row `from` up to `to`; what is wrapped stays so. */
export function looks(xterm: Pick<Terminal, 'buffer' | 'cols'>, theme: ITheme, from: number, to: number): Run[][] {
  const lines: Run[][] = []
  for (let row = from; row < to; row++) {
    const runs: Run[] = []
    const line = xterm.buffer.active.getLine(row)
    for (let column = 0; column < xterm.cols; column++) {
      const cell = line?.getCell(column)
      if (!cell || cell.getWidth() === 0) continue
      const look = lookOf(cell, theme)
      const last = runs.at(-1)
      if (last && sameLook(last, look)) {
        last.text += look.text
        last.width += look.width
      } else runs.push(look)
    }
    const last = runs.at(-1)
    if (last && last.background === theme.background && !last.underline) last.text = last.text.trimEnd()
    lines.push(runs.filter(({ text }) => text !== ''))
  }
  return lines
}

function lookOf(cell: IBufferCell, theme: ITheme): Run {
  const [front, back] = [
    colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), theme),
    colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), theme),
  ]
  const [foreground = theme.foreground ?? '', background = theme.background ?? ''] = [front, back]
  const isInverse = cell.isInverse() !== 0
  return {
    text: cell.isInvisible() ? ' '.repeat(cell.getWidth()) : cell.getChars() || ' ',
    width: cell.getWidth(),
    foreground: isInverse ? background : foreground,
    background: isInverse ? foreground : background,
    bold: cell.isBold() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
  }
}

function sameLook(one: Run, other: Run): boolean {
  return (
    one.foreground === other.foreground &&
    one.background === other.background &&
    one.bold === other.bold &&
    one.italic === other.italic &&
    one.underline === other.underline
  )
}

function colour(isRgb: boolean, isPalette: boolean, value: number, theme: ITheme): string | undefined {
  if (isRgb) return hex((value >> 16) & 255, (value >> 8) & 255, value & 255)
  if (!isPalette) return undefined
  const named = names[value] ?? brightNames[value - 8]
  if (named) return theme[named]
  if (value >= 232) return hex(8 + (value - 232) * 10, 8 + (value - 232) * 10, 8 + (value - 232) * 10)
  const at = value - 16
  return hex(cube[Math.floor(at / 36)] ?? 0, cube[Math.floor(at / 6) % 6] ?? 0, cube[at % 6] ?? 0)
}

function hex(...parts: number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)

/** A page with these lines that runs nothing and loads nothing, whatever a guest printed. */
export function htmlPage(title: string, lines: readonly (readonly Run[])[], theme: ITheme): string {
  const body = lines.map((runs) => runs.map((run) => span(run, theme)).join('')).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
</head>
<body style="margin:0;background:${theme.background}">
<pre style="margin:0;padding:8px;background:${theme.background};color:${theme.foreground};font:12px/1.3 monospace">${body}
</pre>
</body>
</html>
`
}

function span(run: Run, theme: ITheme): string {
  const styles = [
    run.foreground !== theme.foreground && `color:${run.foreground}`,
    run.background !== theme.background && `background:${run.background}`,
    run.bold && 'font-weight:bold',
    run.italic && 'font-style:italic',
    run.underline && 'text-decoration:underline',
  ].filter(Boolean)
  const text = escaped(run.text)
  return styles.length === 0 ? text : `<span style="${styles.join(';')}">${text}</span>`
}

/** A picture of these lines. */
export async function picture(
  lines: readonly (readonly Run[])[],
  { columns, theme, fontFamily, fontSize }: { columns: number; theme: ITheme; fontFamily: string; fontSize: number },
): Promise<Blob> {
  const scale = 2
  const lineHeight = Math.ceil(fontSize * 1.3)
  const margin = 8
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (!context) throw new Error('The browser draws no pictures.')
  context.font = `${fontSize}px ${fontFamily}`
  const cell = context.measureText('M').width
  canvas.width = Math.ceil((columns * cell + 2 * margin) * scale)
  canvas.height = (lines.length * lineHeight + 2 * margin) * scale
  context.scale(scale, scale)
  context.fillStyle = theme.background ?? ''
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.textBaseline = 'middle'
  for (const [row, runs] of lines.entries()) {
    let column = 0
    for (const run of runs) {
      const [x, y] = [margin + column * cell, margin + row * lineHeight]
      context.fillStyle = run.background
      context.fillRect(x, y, run.width * cell, lineHeight)
      context.fillStyle = run.foreground
      context.font = `${run.italic ? 'italic ' : ''}${run.bold ? 'bold ' : ''}${fontSize}px ${fontFamily}`
      context.fillText(run.text, x, y + lineHeight / 2)
      if (run.underline) context.fillRect(x, y + lineHeight - 2, run.width * cell, 1)
      column += run.width
    }
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The browser made no picture.'))), 'image/png'),
  )
}
