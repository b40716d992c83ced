/**
 * What has to be read after a run, in a few lines: every failure with its first words, and the tests that passed only
 * when they were tried again, so that nothing unstable goes unseen. It is printed at the end of the run and, when
 * `TSALT_TEST_SUMMARY` names a file, added to it: `npm test` shows that file last, where nobody has to look for it.
 */
import { appendFileSync } from 'node:fs'
import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

/** So many lines of each error: the message and what was compared, not the whole of a document. */
const shownLines = 14
const shownWidth = 300

function shown(error: {
  readonly message: string
  readonly stack?: string | undefined
  readonly diff?: string | undefined
}): string {
  const place = error.stack
    ?.split('\n')
    .find((line) => line.includes('/test/') && !line.includes('node_modules'))
  const lines = [...error.message.split('\n'), ...(error.diff ?? '').split('\n'), place?.trim() ?? '']
  return lines
    .filter((line) => line.trim() !== '')
    .slice(0, shownLines)
    .map((line) => `    ${line.length > shownWidth ? `${line.slice(0, shownWidth)}…` : line}`)
    .join('\n')
}

function told(title: string, errors: readonly { readonly message: string }[]): string {
  return [`  ${title}`, ...errors.map(shown)].join('\n')
}

export default class SummaryReporter implements Reporter {
  readonly #unstable: string[] = []
  readonly #failed: string[] = []

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    const name = `${test.module.relativeModuleId} > ${test.fullName}`
    if (state === 'failed') this.#failed.push(told(name, errors))
    else if (test.diagnostic()?.flaky === true) this.#unstable.push(told(name, errors ?? []))
  }

  onTestSuiteResult(suite: TestSuite): void {
    if (suite.errors().length > 0) {
      this.#failed.push(
        told(`${suite.module.relativeModuleId} > ${suite.fullName} (its hooks)`, suite.errors()),
      )
    }
  }

  onTestModuleEnd(module: TestModule): void {
    if (module.errors().length > 0) {
      this.#failed.push(told(`${module.relativeModuleId} (the file, or its hooks)`, module.errors()))
    }
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    if (unhandled.length > 0) this.#failed.push(told('errors that no test caught', unhandled))
    const parts = [
      ['UNSTABLE: passed at the second try only, find out why', this.#unstable],
      ['FAILED TESTS', this.#failed],
    ] as const
    const summary = parts
      .filter(([, entries]) => entries.length > 0)
      .map(([title, entries]) => `\n== ${title}:\n${entries.join('\n')}\n`)
      .join('')
    const file = process.env['TSALT_TEST_SUMMARY']
    if (file === undefined) process.stdout.write(summary)
    else appendFileSync(file, summary)
  }
}
