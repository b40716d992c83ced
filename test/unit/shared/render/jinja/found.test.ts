/** What the differential fuzzer found, with what Jinja2 makes of it: kept so that it stays mended where Python is not there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { askOurs } from './differential.ts'

interface Found {
  readonly template: string
  readonly options?: Readonly<Record<string, string | boolean>>
  /** Missing: an error. */
  readonly ok?: string
}

const file = join(import.meta.dirname, '../../../../cases/jinja/found.json')
const all = JSON.parse(readFileSync(file, 'utf8')) as readonly Found[]

it.each(all)('$template', async ({ template, options = {}, ok }) => {
  expect((await askOurs({ template, options })).ok).toBe(ok)
})
