import { create } from 'zustand'
import type { Guest } from '../../src-shared/models/guest'
import { builtInSequences, type Sequence, type SequenceRun } from '../../src-shared/models/sequence'
import { currentClient } from '../api/page'
import { keepLogin } from '../consoles/shells'
import { useAbout } from '../frame/about'
import { usePreferences } from '../frame/preferences'

/** A guest that a sequence is to run on. */
export type SequenceTarget = { hostId: string; guestId: string; name: string }

export const sequenceTarget = ({ hostId, id: guestId, name }: Pick<Guest, 'hostId' | 'id' | 'name'>): SequenceTarget => ({
  hostId,
  guestId,
  name,
})

/** Runs of sequences as the main side tells of them, and the sequence that is being written. */
export const useSequences = create<{ runs: readonly SequenceRun[]; draft: Sequence | undefined }>(() => ({
  runs: [],
  draft: undefined,
}))

const keptResults = new Set<string>()
const isAddress = (text: string): boolean => /^\d+(\.\d+){3}$|^[0-9a-f]*:[0-9a-f:.]+$/i.test(text)

/** Takes the runs of the main side; an address that one has found is kept as that of its guest. */
export function applyRuns(runs: readonly SequenceRun[]): void {
  useSequences.setState({ runs })
  for (const { id, guests } of runs) {
    for (const { guestId, results } of guests) {
      const { address } = results
      const key = `${id} ${guestId}`
      if (!address || !isAddress(address) || keptResults.has(key)) continue
      keptResults.add(key)
      keepLogin(guestId, { address })
    }
  }
}

/** The sequences that are for guests of these bases, one's own first. A guest without a base gets those that are for all. */
export function sequencesFor(bases: readonly (string | undefined)[]): Sequence[] {
  const own = usePreferences.getState().sequences ?? []
  return [...own, ...builtInSequences].filter(({ base }) => base === undefined || bases.every((one) => one === base))
}

/** Begins a sequence on these guests; resolves to the id of its run. What was asked for goes to the main side and nowhere else. */
export async function startSequence(
  sequence: Sequence,
  answers: Readonly<Record<string, string>>,
  guests: readonly SequenceTarget[],
): Promise<string> {
  const who = (useAbout.getState().about?.user ?? 'somebody').slice(0, 64)
  const { id } = await currentClient().sequences.run({ sequence, answers, guests: [...guests], who })
  return id
}

/** What the fields of a sequence hold to begin with. */
export function usualAnswers({ fields }: Sequence): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, usual = '' }) => [name, usual]))
}

/** Puts a sequence in the place of the one of that name, or after the others; `undefined` takes that one away. */
export function saveSequence(before: string | undefined, sequence: Sequence | undefined): void {
  const { sequences = [], change } = usePreferences.getState()
  const at = sequences.findIndex(({ name }) => name === before)
  const put = sequence ? [sequence] : []
  change({ sequences: at < 0 ? [...sequences, ...put] : sequences.toSpliced(at, 1, ...put) })
}
