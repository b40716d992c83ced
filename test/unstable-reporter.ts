/** Says at the end which tests passed only when they were tried again: nothing unstable goes unseen. */
import type { Reporter, TestCase } from 'vitest/node'

export default class UnstableReporter implements Reporter {
  readonly #unstable: string[] = []

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return
    const errors = (test.result().errors ?? []).map(({ message }) => message.split('\n')[0])
    this.#unstable.push(`${test.module.relativeModuleId} > ${test.fullName}: ${errors.join(' | ')}`)
  }

  onTestRunEnd(): void {
    if (this.#unstable.length === 0) return
    process.stdout.write(
      `\n== UNSTABLE: passed at the second try only, find out why:\n${this.#unstable.join('\n')}\n`,
    )
  }
}
