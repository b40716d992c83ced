import { defineConfig } from 'vitest/config'

/** Real processes on a machine that others use as well: a second try, which test/summary-reporter.ts tells of. */
const againstTheClock = 1

/** What programs look at, whoever runs the tests. */
const env = { LANG: 'C.UTF-8', SHELL: '/bin/sh' }

const project = (name: string, include: string[], extra: object = {}) => ({
  test: { name, root: new URL('..', import.meta.url).pathname, include, env, ...extra },
})

export default defineConfig({
  test: {
    reporters: ['default', new URL('summary-reporter.ts', import.meta.url).pathname],
    projects: [
      project(
        'unit',
        [
          'test/*.test.ts',
          'test/unit/**/*.test.ts',
          'test/cases/**/*.test.ts',
          'test/contracts/**/*.test.ts',
        ],
        { testTimeout: 30_000 },
      ),
      project('integration', ['test/integration/**/*.test.ts'], {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        retry: againstTheClock,
      }),
      project('hosts', ['test/hosts/**/*.test.ts'], {
        testTimeout: 600_000,
        hookTimeout: 600_000,
        fileParallelism: false,
        retry: againstTheClock,
      }),
    ],
  },
})
