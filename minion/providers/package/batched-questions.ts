/** Questions about names that are asked in one turn of the event loop, answered by one process for all, and kept. */

/** Names in one process; far below the longest command line. */
const batchSize = 1_000

interface Asker<Answer> {
  readonly resolve: (answer: Answer | undefined) => void
  readonly reject: (error: unknown) => void
}

export class BatchedQuestions<Answer> {
  readonly #answer: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>
  #known = new Map<string, Answer | undefined>()
  #waiting = new Map<string, Asker<Answer>[]>()

  constructor(answer: (names: readonly string[]) => Promise<ReadonlyMap<string, Answer>>) {
    this.#answer = answer
  }

  forget(): void {
    this.#known = new Map()
  }

  /** undefined: nothing is known of it. */
  ask(name: string): Promise<Answer | undefined> {
    if (this.#known.has(name)) return Promise.resolve(this.#known.get(name))
    if (this.#waiting.size === 0) setImmediate(() => void this.#askWaiting())
    return new Promise((resolve, reject) => {
      const askers = this.#waiting.get(name) ?? []
      askers.push({ resolve, reject })
      this.#waiting.set(name, askers)
    })
  }

  async #askWaiting(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = new Map()
    const known = this.#known
    const names = [...waiting.keys()]
    try {
      for (let from = 0; from < names.length; from += batchSize) {
        const batch = names.slice(from, from + batchSize)
        const answers = await this.#answer(batch)
        for (const name of batch) {
          known.set(name, answers.get(name))
          for (const { resolve } of waiting.get(name) ?? []) resolve(answers.get(name))
        }
      }
    } catch (error) {
      for (const askers of waiting.values()) for (const { reject } of askers) reject(error)
    }
  }
}
