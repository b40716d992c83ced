/** What a run looked at, and what it saw: one line each, and whether all was well. */
export class Report {
  #failed = 0
  #steps = 0

  /** Runs a step; what it throws is told, and the run goes on. @returns whether it went well */
  async step(name: string, work: () => Promise<string | undefined>): Promise<boolean> {
    this.#steps++
    try {
      const seen = await work()
      process.stdout.write(`ok      ${name}${seen === undefined ? '' : `\n        ${seen}`}\n`)
      return true
    } catch (error) {
      this.#failed++
      const reason = error instanceof Error ? error.message : String(error)
      process.stdout.write(`FAILED  ${name}\n        ${reason.replaceAll('\n', '\n        ')}\n`)
      return false
    }
  }

  note(text: string): void {
    process.stdout.write(`        ${text}\n`)
  }

  get failed(): number {
    return this.#failed
  }

  end(): void {
    process.stdout.write(`\n${this.#steps} steps, ${this.#failed} failed\n`)
  }
}

/** @throws Error that shows what was seen instead */
export function expectThat(is: boolean, what: string, seen: unknown): void {
  if (!is)
    throw new Error(
      `${what}; seen: ${(typeof seen === 'string' ? seen : JSON.stringify(seen)).slice(0, 1_500)}`,
    )
}
