import { z } from 'zod'

/** The first line of a recording, as asciinema writes and reads it (asciicast version 2). Other fields are left alone. */
export const castHeaderSchema = z.object({
  version: z.literal(2),
  width: z.number().int().min(1).max(10_000),
  height: z.number().int().min(1).max(10_000),
  /** Seconds since 1970. */
  timestamp: z.number().optional(),
  title: z.string().optional(),
})
export type CastHeader = z.infer<typeof castHeaderSchema>

/**
 * What happened at `time` seconds after the begin: output, input, a mark, or another size (`COLUMNSxROWS`). Other codes are of
 * later writers and are passed over.
 */
export type CastEvent = { time: number; code: 'o' | 'i' | 'm' | 'r'; data: string }

export type Cast = {
  header: CastHeader
  events: readonly CastEvent[]
  /** The last line was not written to its end: a machine went down, or the recording still goes on. */
  cutOff: boolean
}

const codes = new Set(['o', 'i', 'm', 'r'])

/** Reads a recording. Throws an `Error` whose message names the line and what is wrong with it. */
export function parseCast(text: string): Cast {
  const lines = text.split('\n')
  const isWhole = text.endsWith('\n')
  if (isWhole) lines.pop()
  const header = readHeader(lines[0] ?? '')
  const events: CastEvent[] = []
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line.trim() === '') continue
    const event = readEvent(line)
    if (typeof event !== 'string') {
      if (codes.has(event.code)) events.push(event as CastEvent)
    } else if (at === lines.length - 1 && !isWhole) return { header, events, cutOff: true }
    else throw new Error(`Line ${at + 1} ${event}.`)
  }
  return { header, events, cutOff: false }
}

/** The header alone; throws as `parseCast` does. */
export function readHeader(line: string): CastHeader {
  const value = parsed(line)
  if (value === undefined || value === null || typeof value !== 'object')
    throw new Error('Line 1 is no header of a recording: it should begin with {"version": 2.')
  const { version } = value as { version?: unknown }
  if (version !== 2) throw new Error(`Line 1 says version ${String(version)} of asciicast; only version 2 can be played.`)
  const header = castHeaderSchema.safeParse(value)
  if (header.success) return header.data
  const [issue] = header.error.issues
  throw new Error(`Line 1 is no header of a recording: ${issue?.path.join('.')}: ${issue?.message}.`)
}

/** The event of a line, or what is wrong with it. */
function readEvent(line: string): { time: number; code: string; data: string } | string {
  const value = parsed(line)
  if (!Array.isArray(value) || value.length !== 3) return 'is no event: it should be [seconds, "o", "text"]'
  const [time, code, data] = value as unknown[]
  if (typeof time !== 'number' || time < 0) return 'has no time in seconds'
  if (typeof code !== 'string' || typeof data !== 'string') return 'has no code or no text'
  if (code === 'r' && !sizeOf(data)) return `has no size: ${data.slice(0, 40)}`
  return { time, code, data }
}

/** Columns and rows of an event `r`. */
export function sizeOf(data: string): { columns: number; rows: number } | undefined {
  const [, columns = '', rows = ''] = /^(\d{1,4})x(\d{1,4})$/.exec(data) ?? []
  return Number(columns) > 0 && Number(rows) > 0 ? { columns: Number(columns), rows: Number(rows) } : undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
