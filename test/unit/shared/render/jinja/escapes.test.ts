/** Attempts to get out of a template or to hold the process, as data: each ends with its code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isTsaltError } from '../../../../../shared/errors/error.ts'
import { renderJinja } from '../../../../../shared/render/jinja/template.ts'

const file = join(import.meta.dirname, '../../../../cases/jinja/escapes.json')
const attempts = JSON.parse(readFileSync(file, 'utf8')) as readonly { template: string; code: string }[]

/** Milliseconds; a budget takes two seconds on a quiet machine. */
const longest = 20_000

it.each(attempts)(
  '$template',
  async ({ template: text, code }) => {
    const start = performance.now()
    const error = await renderJinja({
      text,
      file: 'main.sls',
      variables: {},
      partial: async (name) => (name === 'main.sls' ? { text, file: name } : undefined),
    }).catch((thrown: unknown) => thrown)
    expect(isTsaltError(error) ? error.code : error).toBe(code)
    expect(performance.now() - start).toBeLessThan(longest)
  },
  60_000,
)
