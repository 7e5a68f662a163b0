import type { LabDomdeck } from '../e2e/lab/testing/domdeck'
import type { Figure } from './figures'

/** What benches of one run share, so that a lab is started, and a base imported, once. */
export type Stage = {
  /** The real Xen lab from its clean disk, with Domdeck connected to it. */
  lab(): Promise<LabDomdeck>
  /** The same, with a Debian base imported under this name. */
  debian(): Promise<LabDomdeck & { base: string }>
  say(text: string): void
}

/** One bench: one or more figures that belong together. */
export type Bench = {
  /** Given as an argument of `npm run bench` to run only this one. */
  name: string
  title: string
  run(stage: Stage): Promise<Figure[]>
}
