import { z } from 'zod'
import { problemSchema } from '../problem'

/** A time in seconds. */
const seconds = (most: number) => z.number().int('Whole seconds.').min(1, 'At least 1 s.').max(most, `At most ${most} s.`)
const longestWaitS = 3600

/** What is asked for when a sequence runs; `{name}` in a text that is sent stands for it. */
export const sequenceFieldSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'The name of a field is a lowercase word of letters, digits and underscores.'),
  label: z.string().trim().min(1, 'Enter what is asked for.').max(60),
  /** Not shown while it is typed, and kept nowhere. */
  secret: z.boolean(),
  /** What stands there to begin with; never of a secret. */
  usual: z.string().max(200).optional(),
})
export type SequenceField = z.infer<typeof sequenceFieldSchema>

export const sequenceStepSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('wait'),
    text: z.string().min(1, 'Enter the text to wait for.').max(500, 'At most 500 characters.'),
    regex: z.boolean(),
    withinS: seconds(longestWaitS),
    /** Enter is pressed at once and then every 10 s, so that a prompt which stands there already comes again. */
    enter: z.boolean().optional(),
    /** When this plain text comes first, the step has failed. */
    unless: z.string().max(200).optional(),
    /** The first group of the expression is a result of this name; `address` is kept as the address of the guest. */
    result: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,30}$/, 'The name of a result is a lowercase word.')
      .optional(),
  }),
  /** `\r` is Enter, `\n`, `\t`, `\e`, `\\` and `\xNN` as usual; `{name}` is what was asked for. */
  z.object({ do: z.literal('send'), text: z.string().min(1, 'Enter the text to send.').max(2000, 'At most 2000 characters.') }),
  z.object({ do: z.literal('quiet'), forS: seconds(600), withinS: seconds(longestWaitS) }),
])
export type SequenceStep = z.infer<typeof sequenceStepSchema>

/** Small steps over a console: wait for text, send, wait for quiet. */
export const sequenceSchema = z
  .object({
    name: z.string().trim().min(1, 'Enter a name.').max(60, 'A name has at most 60 characters.'),
    /** The base whose guests it is for, by name; for all guests without one. */
    base: z.string().max(63).optional(),
    fields: z.array(sequenceFieldSchema).max(10, 'At most 10 fields.'),
    steps: z.array(sequenceStepSchema).min(1, 'Add a step.').max(50, 'At most 50 steps.'),
  })
  .superRefine(({ fields, steps }, context) => {
    const names = fields.map(({ name }) => name)
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) !== index) {
        context.addIssue({ code: 'custom', path: ['fields', index, 'name'], message: `There are two fields named ${name}.` })
      }
    }
    for (const [index, step] of steps.entries()) {
      if (step.do === 'quiet' && step.forS > step.withinS) {
        const message = `It cannot be quiet for ${step.forS} s within ${step.withinS} s.`
        context.addIssue({ code: 'custom', path: ['steps', index, 'withinS'], message })
      }
      if (step.do === 'wait' && step.result !== undefined && !(step.regex && /\((?!\?)/.test(step.text))) {
        const message = 'A result is what the first (group) of a regular expression holds: write one.'
        context.addIssue({ code: 'custom', path: ['steps', index, 'text'], message })
      }
      if (step.do === 'send' && /\\(?![rnte\\]|x[0-9a-fA-F]{2})/.test(step.text.replaceAll('\\\\', ''))) {
        const message = 'After a backslash comes r, n, t, e, another backslash or x and two hex digits.'
        context.addIssue({ code: 'custom', path: ['steps', index, 'text'], message })
      }
    }
  })
export type Sequence = z.infer<typeof sequenceSchema>

/** How a sequence goes on one guest. */
export const sequenceGuestSchema = z.object({
  hostId: z.string(),
  guestId: z.string(),
  name: z.string(),
  /** `starting` waits for the guest's console. */
  state: z.enum(['waiting', 'starting', 'running', 'succeeded', 'failed', 'cancelled']),
  /** The step under way, or the last one, from 0. */
  step: z.number(),
  problem: problemSchema.optional(),
  /** What came last before it failed, control characters made visible. */
  lastLines: z.array(z.string()).optional(),
  results: z.record(z.string(), z.string()),
})
export type SequenceGuest = z.infer<typeof sequenceGuestSchema>

/** One run of a sequence; what was asked for is not in it. */
export const sequenceRunSchema = z.object({
  id: z.string(),
  name: z.string(),
  at: z.number(),
  /** What each step does, in words. */
  steps: z.array(z.string()),
  guests: z.array(sequenceGuestSchema),
})
export type SequenceRun = z.infer<typeof sequenceRunSchema>

const loginSteps: SequenceStep[] = [
  { do: 'wait', text: 'login: *$', regex: true, withinS: 300, enter: true },
  { do: 'send', text: '{user}\\r' },
  { do: 'wait', text: '[Pp]assword: *$', regex: true, withinS: 30 },
  { do: 'send', text: '{password}\\r' },
  { do: 'wait', text: '[#$%>] *$', regex: true, withinS: 60, unless: 'Login incorrect' },
]
const prompt: SequenceStep = { do: 'wait', text: '[#$%>] *$', regex: true, withinS: 30, enter: true }

/** Sequences that every Domdeck has. */
export const builtInSequences: readonly Sequence[] = [
  {
    name: 'Log in after boot',
    fields: [
      { name: 'user', label: 'User', secret: false, usual: 'root' },
      { name: 'password', label: 'Password', secret: true },
    ],
    steps: loginSteps,
  },
  {
    name: 'Set a password',
    fields: [
      { name: 'user', label: 'User', secret: false, usual: 'root' },
      { name: 'password', label: 'New password', secret: true },
    ],
    steps: [
      prompt,
      { do: 'send', text: 'passwd {user}\\r' },
      { do: 'wait', text: '[Nn]ew [^\\n]*password: *$', regex: true, withinS: 15 },
      { do: 'send', text: '{password}\\r' },
      { do: 'wait', text: '([Rr]etype|again)[^\\n]*: *$', regex: true, withinS: 15 },
      { do: 'send', text: '{password}\\r' },
      { do: 'wait', text: '(success|updated|changed)', regex: true, withinS: 30, unless: 'do not match' },
    ],
  },
  {
    name: 'Report the IP',
    fields: [],
    steps: [
      prompt,
      { do: 'send', text: 'ip -4 -o addr show scope global\\r' },
      { do: 'wait', text: 'inet (\\d+\\.\\d+\\.\\d+\\.\\d+)/', regex: true, withinS: 20, result: 'address' },
    ],
  },
]

/** What a step does, in words. A text that is sent stands as it is written: fields by their names. */
export function stepWords(step: SequenceStep): string {
  if (step.do === 'send') return `Send ${step.text}`
  if (step.do === 'quiet') return `Wait until it is quiet for ${step.forS} s`
  return `Wait for ${step.text}`
}
