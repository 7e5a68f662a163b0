import { Glyph } from '../ui'
import type { GuestFace } from './faces'

/** The state of a guest as its face has it. An empty `label` hides it from readers, where the word stands beside it. */
export function GuestGlyph({ face, label = face.past ?? face.word }: { face: GuestFace; label?: string }) {
  return <Glyph shape={face.shape} label={label} past={face.past !== undefined} />
}
