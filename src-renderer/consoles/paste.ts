/** A paste of one line up to this length is sent as if it were typed; more goes at a guest's pace. */
export const typedPasteLength = 256

/** What is asked about before a paste. */
export type PasteFacts = { lines: number; characters: number; preview: string }

/** Whether the text has a line end, which acts as Enter: then it is asked about. */
export function hasLineEnd(text: string): boolean {
  return /[\r\n]/.test(text)
}

const previewLines = 12
const previewColumns = 200

/** Lines as a person counts them: a line end at the very end begins no new one. */
export function pasteFacts(text: string): PasteFacts {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n')
  const shown = lines
    .slice(0, previewLines)
    .map((line) => (line.length > previewColumns ? `${line.slice(0, previewColumns)}…` : line))
  if (lines.length > previewLines) shown.push(`… and ${lines.length - previewLines} more lines`)
  return { lines: lines.length, characters: text.length, preview: shown.join('\n') }
}

/**
 * Pasted text as the guest gets it: line ends as Enter sends them, and no control characters but tabs. A copied escape would
 * act as a key, and `ESC [ 201 ~` would end a bracketed paste early so that the rest runs as commands.
 */
export function pasteBytes(text: string, bracketed: boolean): string {
  const plain = text
    .replace(/\r\n?|\n/g, '\r')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go
    .replace(/[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f\x80-\x9f]/g, '')
  return bracketed ? `\x1b[200~${plain}\x1b[201~` : plain
}

const pieceLength = 2_000

/** The text in parts of some lines each, so that one sees how far it is. */
export function pastePieces(text: string): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > pieceLength) {
    const lineEnd = rest.lastIndexOf('\r', pieceLength - 1)
    // Not between the two halves of a character outside the basic plane.
    const halved = /[\ud800-\udbff]/.test(rest.charAt(pieceLength - 1)) ? 1 : 0
    const length = lineEnd > 0 ? lineEnd + 1 : pieceLength - halved
    pieces.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  return rest === '' ? pieces : [...pieces, rest]
}
