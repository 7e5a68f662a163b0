import type { Answers, Asked } from '../answers'

/** A person at the screen who gives these answers, one list a question, and what is remembered of them. */
export type Person = Answers & { asked: Asked[] }

export function person(...given: string[][]): Person {
  const memory = new Map<string, string>()
  const asked: Asked[] = []
  const waiting = [...given]
  return {
    asked,
    openedKeys: new Map(),
    recall: (secret) => memory.get(secret),
    forget: (secret) => void memory.delete(secret),
    async ask(question) {
      asked.push(question)
      const answers = waiting.shift()
      if (!answers) throw new Error(`nobody answers "${question.title}"`)
      if (question.secret && answers[0]) memory.set(question.secret, answers[0])
      return answers
    },
  }
}
