import type { Guest } from '../../src-shared/models/guest'
import type { Lock } from '../../src-shared/models/job'
import type { OperationCall, OperationId, OperationInput } from '../../src-shared/operations'

/**
 * One kind of change, declared once: what it is called, what it locks, how its input enters the script, and the script,
 * which is a file of its own beside the declaration, written in the words of `job.sh`.
 */
export type Operation<Id extends OperationId> = {
  id: Id
  /** Verb and objects, such as `Clone and boot web-08..web-11`. */
  title(input: OperationInput<Id>): string
  /** Names of the guests or bases it is about. */
  targets(input: OperationInput<Id>): string[]
  /** Titles of all steps, in the order in which the script calls `step`. */
  steps(input: OperationInput<Id>): string[]
  /** At most six, of letters, digits, dots and dashes; taken in order of name. */
  locks(input: OperationInput<Id>): Lock[]
  danger: 'none' | 'interrupts' | 'destroys'
  /**
   * Calls that take back exactly what a succeeded job did, made from its input, its `result` words and the guests that are there now;
   * none when nothing of it is left, or no call would leave all as it was. An operation that cannot be taken back to the letter has no inverse.
   */
  inverse?(input: OperationInput<Id>, seen: Seen): OperationCall[]
  /** Why this input cannot run again as it is, as a sentence with the next step; its plan must then be made anew. */
  outdated?(input: OperationInput<Id>, seen: Pick<Seen, 'guests'>): string | undefined
  /** Shell variables the script reads; each becomes one quoted assignment, the only way input enters a script. */
  variables(input: OperationInput<Id>): Record<string, string>
  /** POSIX sh. Holds one line `begin`; never `finish`, which is added behind it. */
  script: string
}

/** What is known besides the input of a job that has ended. */
export type Seen = { guests: ReadonlyMap<string, Guest>; result: Readonly<Record<string, string>> }

/** Every operation by its id; a missing one does not compile. */
export type Operations = { [Id in OperationId]: Operation<Id> }

/**
 * Declares an operation. Throws at load time when its script has no line `begin`: without it the script would act before
 * its locks are held, and a recovery would run it instead of its undo.
 */
export function defineOperation<Id extends OperationId>(operation: Operation<Id>): Operation<Id> {
  const begins = operation.script.split('\n').filter((line) => line === 'begin').length
  if (begins !== 1) throw new Error(`The script of ${operation.id} must hold the line "begin" once, not ${begins} times.`)
  return operation
}

/** What one call of an operation comes to: everything but the script rendered. */
export type Plan = {
  operation: OperationId
  title: string
  targets: string[]
  steps: string[]
  locks: Lock[]
  danger: 'none' | 'interrupts' | 'destroys'
  variables: Record<string, string>
  script: string
  /** What was asked for; a job keeps it, to be run again. */
  call?: OperationCall
}

/** The operation of a call, with its input. */
export function operationOf(
  operations: Operations,
  call: OperationCall,
): { operation: Operation<OperationId>; input: OperationInput<OperationId> } {
  // The union of calls and the map of operations agree by id; the compiler cannot follow that through an index.
  return { operation: operations[call.operation] as Operation<OperationId>, input: call.input as OperationInput<OperationId> }
}

/** Asks the operation of a call for all it declares about this input. */
export function planCall(operations: Operations, call: OperationCall): Plan {
  const { operation, input } = operationOf(operations, call)
  return { ...planOperation(operation, input), call }
}

/** All that an operation declares about an input. */
export function planOperation<Id extends OperationId>(operation: Operation<Id>, input: OperationInput<Id>): Plan {
  return {
    operation: operation.id,
    title: operation.title(input),
    targets: operation.targets(input),
    steps: operation.steps(input),
    locks: operation.locks(input),
    danger: operation.danger,
    variables: operation.variables(input),
    script: operation.script,
  }
}
