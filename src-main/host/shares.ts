/** One share of a part of the snapshot (snapshot.sh): all that is in it now, and the sum by which it is known. */
export type Share<Item> = { share: number; sum: string; items: readonly Item[] }

/** A part of the snapshot, kept from answer to answer: an answer brings only the shares that changed. */
export class Shares<Item> {
  readonly #shares = new Map<number, Share<Item>>()

  /** The sums to ask with, in order of the shares; '' for one that is not known. */
  get sums(): string {
    const known = [...this.#shares.values()].filter(({ sum }) => sum !== '')
    const sums: string[] = new Array(Math.max(0, ...known.map(({ share }) => share + 1))).fill('')
    for (const { share, sum } of known) sums[share] = sum
    return sums.join()
  }

  /** Of all shares, in their order. */
  get items(): Item[] {
    return [...this.#shares.values()].sort((one, other) => one.share - other.share).flatMap(({ items }) => items)
  }

  /** Puts these shares in the place of those from before. */
  take(changed: readonly Share<Item>[]): void {
    for (const share of changed) this.#shares.set(share.share, share)
  }

  /** Each item becomes what `change` makes of it; the shares stay those of their sums. */
  change(change: (item: Item) => Item): void {
    this.take([...this.#shares.values()].map((share) => ({ ...share, items: share.items.map(change) })))
  }

  /** Forgets the sums, so that every share comes anew, and keeps the items until then. */
  distrust(): void {
    this.take([...this.#shares.values()].map((share) => ({ ...share, sum: '' })))
  }
}
