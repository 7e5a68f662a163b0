import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInSequences, type Sequence, sequenceSchema } from '../../src-shared/models/sequence'
import { SequenceMachine, type Turn } from './sequence'

const of = (steps: Sequence['steps'], fields: Sequence['fields'] = []): Sequence =>
  sequenceSchema.parse({ name: 'test', fields, steps })
const login = builtInSequences.find(({ name }) => name === 'Log in after boot') as Sequence
const user = { user: 'root', password: 's3cret' }

/** A machine with a clock that stands still until it is moved: what is sent, and how it ended. */
function start(sequence: Sequence, answers: Record<string, string> = {}) {
  let now = 0
  let wakeAt: number | undefined
  const sent: string[] = []
  let outcome: Turn['outcome']
  const take = (turn: Turn) => {
    sent.push(...turn.send)
    wakeAt = turn.wakeAt
    outcome ??= turn.outcome
    return turn
  }
  const machine = new SequenceMachine(sequence, answers, now)
  take(machine.begin(now))
  return {
    machine,
    sent,
    outcome: () => outcome,
    say: (text: string) => take(machine.output(Buffer.from(text), now)),
    /** Time goes on, with a tick whenever the machine wants one. */
    pass(ms: number) {
      const end = now + ms
      while (wakeAt !== undefined && wakeAt <= end) {
        now = Math.max(now + 1, wakeAt)
        take(machine.tick(now))
      }
      now = end
    },
  }
}

describe('a sequence', () => {
  it('logs in: presses Enter, answers each prompt once it stands, and is done at the shell', () => {
    const run = start(login, user)
    expect(run.sent).toEqual(['\r'])
    run.say('\r\nweb-07 log')
    run.say('in: ')
    expect(run.sent).toEqual(['\r'])
    run.pass(300)
    expect(run.sent).toEqual(['\r', 'root\r'])
    run.say('root\r\nPassword: ')
    run.pass(300)
    expect(run.sent.at(-1)).toBe('s3cret\r')
    run.say('\r\nLinux web-07\r\n\x1b[?2004hroot@web-07:~# ')
    run.pass(300)
    expect(run.outcome()).toEqual({ state: 'succeeded' })
  })

  it('presses Enter every 10 s while nothing comes, and gives up in its time with what it waited for', () => {
    const run = start(login, user)
    run.pass(60_000)
    expect(run.sent).toHaveLength(7)
    expect(run.outcome()).toBeUndefined()
    run.pass(240_000)
    expect(run.outcome()).toMatchObject({ state: 'failed', why: '“login: *$” did not come within 300 s' })
  })

  it('stops at what must not come, and shows no secret in the last lines', () => {
    const run = start(login, user)
    run.say('login: ')
    run.pass(300)
    run.say('s3cret\r\nPassword: ')
    run.pass(300)
    run.say('\r\n\x07Login incorrect\r\n')
    const outcome = run.outcome()
    expect(outcome).toMatchObject({ state: 'failed', why: '“Login incorrect” came instead' })
    expect(JSON.stringify(outcome)).not.toContain('s3cret')
    expect(outcome?.state === 'failed' && outcome.lastLines).toEqual(['login: •••', 'Password: ', 'Login incorrect'])
  })

  it('keeps what a group holds', () => {
    const run = start(builtInSequences.find(({ name }) => name === 'Report the IP') as Sequence)
    run.say('\r\nroot@web-07:~# ')
    run.pass(300)
    run.say('ip -4 -o addr show scope global\r\n2: eth0    inet 10.0.0.7/24 brd 10.0.0.255 scope global eth0\r\n')
    expect(run.outcome()).toEqual({ state: 'succeeded' })
    expect(run.machine.results).toEqual({ address: '10.0.0.7' })
  })

  it('gives text that follows a match to the next step, however it was cut', () => {
    const steps: Sequence['steps'] = [
      { do: 'wait', text: 'one', regex: false, withinS: 5 },
      { do: 'send', text: 'x' },
      { do: 'wait', text: 'two(.)', regex: true, withinS: 5, result: 'last' },
    ]
    const output = Buffer.from('\x1b[1mone\x1b[0m é two!\r\n')
    fc.assert(
      fc.property(fc.array(fc.nat(output.length)), (cuts) => {
        const run = start(of(steps))
        const places = [0, ...cuts.sort((a, b) => a - b), output.length]
        for (const [index, end] of places.slice(1).entries()) run.machine.output(output.subarray(places[index], end), 0)
        expect(run.machine.results).toEqual({ last: '!' })
      }),
    )
  })

  it('waits for quiet, which a flood never is', () => {
    const quiet = of([{ do: 'quiet', forS: 2, withinS: 10 }])
    const calm = start(quiet)
    calm.pass(1500)
    calm.say('x')
    calm.pass(1900)
    expect(calm.outcome()).toBeUndefined()
    calm.pass(200)
    expect(calm.outcome()).toEqual({ state: 'succeeded' })
    const flood = start(quiet)
    for (let second = 0; second < 11; second++) {
      flood.say('y\r\n'.repeat(1000))
      flood.pass(1000)
    }
    expect(flood.outcome()).toMatchObject({ state: 'failed', why: 'it was never quiet for 2 s' })
  })

  it('keeps little of a flood without a line end', () => {
    const run = start(of([{ do: 'wait', text: 'never', regex: false, withinS: 1 }]))
    for (let piece = 0; piece < 100; piece++) run.say('x'.repeat(10_000))
    run.pass(2000)
    const outcome = run.outcome()
    expect(JSON.stringify(outcome).length).toBeLessThan(3000)
  })

  it('sends escapes and fields, and an answer as it is, braces and backslashes too', () => {
    const run = start(
      of(
        [
          { do: 'send', text: '{who} {other} \\x03\\\\\\r' },
          { do: 'quiet', forS: 1, withinS: 2 },
        ],
        [{ name: 'who', label: 'Who', secret: false }],
      ),
      { who: '{who}\\r$(reboot)' },
    )
    expect(run.sent).toEqual(['{who}\\r$(reboot) {other} \x03\\\r'])
  })

  it('is refused before it begins when an expression cannot be waited for', () => {
    expect(() => new SequenceMachine(of([{ do: 'wait', text: '(', regex: true, withinS: 1 }]), {}, 0)).toThrow('is not closed')
  })
})

describe('the form of a sequence', () => {
  it.each([
    [{ steps: [] }, 'Add a step.'],
    [{ steps: [{ do: 'quiet', forS: 9, withinS: 3 }] }, 'It cannot be quiet for 9 s within 3 s.'],
    [{ steps: [{ do: 'wait', text: 'x', regex: false, withinS: 3, result: 'address' }] }, 'A result is what the first'],
    [{ steps: [{ do: 'send', text: '\\q' }] }, 'After a backslash comes'],
    [
      {
        steps: [{ do: 'send', text: 'x' }],
        fields: [
          { name: 'a', label: 'A', secret: false },
          { name: 'a', label: 'B', secret: true },
        ],
      },
      'two fields named a',
    ],
    [{ steps: [{ do: 'wait', text: '', regex: false, withinS: 3 }] }, 'Enter the text to wait for.'],
    [{ steps: [{ do: 'wait', text: 'x', regex: false, withinS: 0 }] }, 'At least 1 s.'],
  ])('%j says what is wrong', (part, message) => {
    const { error } = sequenceSchema.safeParse({ name: 'test', fields: [], ...part })
    expect(error?.issues.map((issue) => issue.message).join('; ')).toContain(message)
  })

  it('has built-in sequences that pass it', () => {
    for (const sequence of builtInSequences) expect(sequenceSchema.parse(sequence)).toEqual(sequence)
  })
})
