/** So many at once; the others wait in the order in which they came. */
export class Slots {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(width: number) {
    this.#width = width
  }

  get taken(): number {
    return this.#taken
  }

  get free(): boolean {
    return this.#taken < this.#width
  }

  async with<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#taken < this.#width) this.#taken += 1
    // Whoever ends hands its slot over.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#taken -= 1
    }
  }
}
