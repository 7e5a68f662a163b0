import { ProblemError } from '../../src-shared/problem'

/**
 * What text is waited for, matched as it comes: each character is looked at once, so a flood or a hostile pattern costs time in proportion
 * to its length and never more (Thompson's simulation, after R. Cox, "Regular Expression Matching: the Virtual Machine Approach").
 * It matches as soon as it can. `^` and `$` are the ends of a line; `$` is also the end of what has come once nothing more does.
 */
export class Pattern {
  readonly #program: readonly Instruction[]
  readonly #groups: number
  readonly #canBegin: (character: string) => boolean
  #threads: Thread[] = []
  /** The same after everything that takes no character, once the next one is known. */
  #closed: Thread[] = []
  #before: string | undefined = '\n'

  /** BAD_INPUT names what is wrong with a regular expression. */
  constructor(text: string, { regex }: { regex: boolean }) {
    const node: Node = regex ? parse(text) : { kind: 'all', parts: [...text].map(literal) }
    const compiled = compile(node)
    this.#program = compiled.program
    this.#groups = compiled.groups
    this.#canBegin = beginnings(compiled.program)
  }

  /** The match within this text, at its first end; what follows that is not looked at. */
  push(text: string): Match | undefined {
    let length = 0
    for (const character of text) {
      // Most of a flood begins nothing.
      if (this.#threads.length === 0 && !this.#canBegin(character)) {
        this.#before = character
        length += character.length
        continue
      }
      const groups = this.#close(character)
      if (groups) return { groups, length }
      this.#step(character)
      this.#before = character
      length += character.length
    }
    // What needs to see no further character matches now.
    const groups = this.#close(undefined)
    return groups && { groups, length }
  }

  /** Nothing more comes for now: `$` may hold. */
  settle(): Match | undefined {
    const groups = this.#close('\n')
    return groups && { groups, length: 0 }
  }

  /** Follows everything that takes no character; `next` is the character that follows, as far as it is known. */
  #close(next: string | undefined): string[] | undefined {
    const seen = new Set<number>()
    const closed: Thread[] = []
    const known = next !== undefined
    for (const thread of [...this.#threads, { at: 0, groups: Array(this.#groups).fill(undefined), open: [] }]) {
      const found = this.#follow(thread, next, known, seen, closed)
      if (found) {
        this.#threads = []
        return found
      }
    }
    if (known) this.#closed = closed
    return undefined
  }

  #follow(start: Thread, next: string | undefined, known: boolean, seen: Set<number>, closed: Thread[]): string[] | undefined {
    const stack = [start]
    for (let thread = stack.pop(); thread; thread = stack.pop()) {
      if (seen.has(thread.at)) continue
      seen.add(thread.at)
      const instruction = this.#program[thread.at]
      if (!instruction) continue
      const on = thread.at + 1
      if (instruction.do === 'match') return thread.groups.map((text) => text ?? '')
      if (instruction.do === 'take') closed.push(thread)
      else if (instruction.do === 'jump') stack.push({ ...thread, at: instruction.to })
      else if (instruction.do === 'fork') stack.push({ ...thread, at: instruction.second }, { ...thread, at: instruction.first })
      else if (instruction.do === 'open') {
        const groups = thread.groups.with(instruction.group, '')
        stack.push({ at: on, groups, open: [...thread.open, instruction.group] })
      } else if (instruction.do === 'close') {
        stack.push({ ...thread, at: on, open: thread.open.filter((group) => group !== instruction.group) })
      } else if (instruction.do === 'line-start') {
        if (this.#before === '\n') stack.push({ ...thread, at: on })
      } else if (known && next === '\n') stack.push({ ...thread, at: on })
    }
    return undefined
  }

  #step(character: string): void {
    this.#threads = []
    for (const thread of this.#closed) {
      const instruction = this.#program[thread.at]
      if (instruction?.do !== 'take' || !instruction.takes(character)) continue
      const groups =
        thread.open.length === 0
          ? thread.groups
          : thread.groups.map((text, group) =>
              thread.open.includes(group) ? `${text ?? ''}${character}`.slice(-longestGroup) : text,
            )
      this.#threads.push({ at: thread.at + 1, groups, open: thread.open })
    }
  }
}

/** The groups of a pattern in their order, empty where one took no part, and how much of the text it took to match. */
export type Match = { groups: string[]; length: number }

type Thread = { at: number; groups: readonly (string | undefined)[]; open: readonly number[] }

type Instruction =
  | { do: 'take'; takes: (character: string) => boolean }
  | { do: 'fork'; first: number; second: number }
  | { do: 'jump'; to: number }
  | { do: 'open' | 'close'; group: number }
  | { do: 'line-start' | 'line-end' | 'match' }

type Node =
  | { kind: 'take'; takes: (character: string) => boolean }
  | { kind: 'line-start' | 'line-end' }
  | { kind: 'all'; parts: Node[] }
  | { kind: 'any'; choices: Node[] }
  | { kind: 'repeat'; node: Node; least: number; most: number; lazy: boolean }
  | { kind: 'group'; node: Node; group: number }

/** What a group keeps of what it took. */
const longestGroup = 1000
/** Instructions; more would be a pattern that nobody wrote by hand. */
const longestProgram = 5000
const mostRepeats = 200

const literal = (character: string): Node => ({ kind: 'take', takes: (other) => other === character })

function compile(root: Node): { program: Instruction[]; groups: number } {
  const program: Instruction[] = []
  let groups = 0
  const add = (instruction: Instruction): number => {
    if (program.length >= longestProgram) throw bad('it is too long')
    return program.push(instruction) - 1
  }
  const visit = (node: Node): void => {
    switch (node.kind) {
      case 'take':
        add({ do: 'take', takes: node.takes })
        return
      case 'line-start':
      case 'line-end':
        add({ do: node.kind })
        return
      case 'all':
        for (const part of node.parts) visit(part)
        return
      case 'any': {
        const ends: { do: 'jump'; to: number }[] = []
        node.choices.forEach((choice, index) => {
          if (index === node.choices.length - 1) {
            visit(choice)
            return
          }
          const fork = { do: 'fork' as const, first: 0, second: 0 }
          add(fork)
          fork.first = program.length
          visit(choice)
          const jump = { do: 'jump' as const, to: 0 }
          add(jump)
          ends.push(jump)
          fork.second = program.length
        })
        for (const end of ends) end.to = program.length
        return
      }
      case 'repeat': {
        for (let count = 0; count < node.least; count++) visit(node.node)
        const order = (fork: { first: number; second: number }, inside: number, outside: number) => {
          fork.first = node.lazy ? outside : inside
          fork.second = node.lazy ? inside : outside
        }
        if (node.most === Number.POSITIVE_INFINITY) {
          const fork = { do: 'fork' as const, first: 0, second: 0 }
          const at = add(fork)
          visit(node.node)
          add({ do: 'jump', to: at })
          order(fork, at + 1, program.length)
          return
        }
        const forks: { fork: { do: 'fork'; first: number; second: number }; inside: number }[] = []
        for (let count = node.least; count < node.most; count++) {
          const fork = { do: 'fork' as const, first: 0, second: 0 }
          forks.push({ fork, inside: add(fork) + 1 })
          visit(node.node)
        }
        for (const { fork, inside } of forks) order(fork, inside, program.length)
        return
      }
      case 'group':
        groups = Math.max(groups, node.group + 1)
        add({ do: 'open', group: node.group })
        visit(node.node)
        add({ do: 'close', group: node.group })
    }
  }
  visit(root)
  add({ do: 'match' })
  return { program, groups }
}

/** Whether a match may begin with, or before, a character. True once too often costs time and nothing else. */
function beginnings(program: readonly Instruction[]): (character: string) => boolean {
  const takes: ((character: string) => boolean)[] = []
  const seen = new Set<number>()
  const stack = [0]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const instruction = program[at]
    if (!instruction || seen.has(at)) continue
    seen.add(at)
    if (instruction.do === 'match') return () => true
    if (instruction.do === 'take') takes.push(instruction.takes)
    else if (instruction.do === 'jump') stack.push(instruction.to)
    else if (instruction.do === 'fork') stack.push(instruction.first, instruction.second)
    // Over the end of a line there is a line end to come, and nothing else to go by.
    else if (instruction.do === 'line-end') return () => true
    else stack.push(at + 1)
  }
  return (character) => takes.some((take) => take(character))
}

const bad = (why: string): ProblemError =>
  new ProblemError('BAD_INPUT', `This is not a regular expression that Domdeck can wait for: ${why}.`, {
    hint: 'It knows . [a-z] \\d \\w \\s ( ) (?: ) | * + ? {2,5} ^ and $. For plain text, choose plain text.',
  })

const classes: Record<string, (character: string) => boolean> = {
  d: (character) => /\d/.test(character),
  w: (character) => /\w/.test(character),
  s: (character) => /\s/.test(character),
}
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\n' }

function parse(source: string): Node {
  const characters = [...source]
  let at = 0
  let groups = 0
  const peek = () => characters[at]
  const take = (): string => {
    const character = characters[at]
    if (character === undefined) throw bad('it ends too early')
    at += 1
    return character
  }

  const escaped = (): ((character: string) => boolean) => {
    const name = take()
    const found = classes[name.toLowerCase()]
    if (found) return name === name.toLowerCase() ? found : (character) => !found(character)
    const single = escapes[name] ?? name
    if (!escapes[name] && /[A-Za-z0-9]/.test(name)) throw bad(`\\${name} is not known`)
    return (character) => character === single
  }

  const set = (): Node => {
    const negated = peek() === '^'
    if (negated) at += 1
    const tests: ((character: string) => boolean)[] = []
    for (let first = true; first || peek() !== ']'; first = false) {
      const from = take()
      if (from === '\\') {
        tests.push(escaped())
        continue
      }
      if (peek() === '-' && characters[at + 1] !== undefined && characters[at + 1] !== ']') {
        at += 1
        const to = take()
        if (to < from) throw bad(`the range ${from}-${to} is upside down`)
        tests.push((character) => character >= from && character <= to)
      } else tests.push((character) => character === from)
    }
    at += 1
    const any = (character: string) => tests.some((test) => test(character))
    return { kind: 'take', takes: negated ? (character) => !any(character) : any }
  }

  const atom = (): Node => {
    const character = take()
    if (character === '.') return { kind: 'take', takes: (other) => other !== '\n' }
    if (character === '^') return { kind: 'line-start' }
    if (character === '$') return { kind: 'line-end' }
    if (character === '[') return set()
    if (character === '\\') return { kind: 'take', takes: escaped() }
    if (character === '(') {
      const plain = peek() === '?'
      if (plain && !(characters[at + 1] === ':')) throw bad('(? is followed by something else than a colon')
      if (plain) at += 2
      const group = plain ? undefined : groups++
      const node = choice()
      if (peek() !== ')') throw bad('a parenthesis is not closed')
      at += 1
      return group === undefined ? node : { kind: 'group', node, group }
    }
    if ('*+?'.includes(character)) throw bad(`there is nothing before ${character} to repeat`)
    return literal(character)
  }

  const repeated = (): Node => {
    let node = atom()
    for (let sign = peek(); sign !== undefined && '*+?{'.includes(sign); sign = peek()) {
      const counts = sign === '{' ? /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(characters.slice(at, at + 9).join('')) : undefined
      if (sign === '{' && !counts) return node
      at += counts ? counts[0].length : 1
      const least = counts ? Number(counts[1]) : sign === '+' ? 1 : 0
      const most = counts
        ? counts[3]
          ? Number(counts[3])
          : counts[2]
            ? Number.POSITIVE_INFINITY
            : least
        : sign === '?'
          ? 1
          : Number.POSITIVE_INFINITY
      if (least > most || least > mostRepeats || (most > mostRepeats && most !== Number.POSITIVE_INFINITY)) {
        throw bad(`it repeats something more than ${mostRepeats} times, or not in order`)
      }
      const lazy = peek() === '?'
      if (lazy) at += 1
      node = { kind: 'repeat', node, least, most, lazy }
    }
    return node
  }

  const sequence = (): Node => {
    const parts: Node[] = []
    while (at < characters.length && peek() !== '|' && peek() !== ')') parts.push(repeated())
    return { kind: 'all', parts }
  }

  function choice(): Node {
    const choices = [sequence()]
    while (peek() === '|') {
      at += 1
      choices.push(sequence())
    }
    return choices.length === 1 ? (choices[0] as Node) : { kind: 'any', choices }
  }

  const node = choice()
  if (at < characters.length) throw bad('a parenthesis is closed that was not opened')
  return node
}
