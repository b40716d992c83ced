/** What is wrong with an orchestration is told before anything runs, all of it, each with its place. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dict, toPlain } from '../../../../shared/data/value.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { Orchestra } from './orchestra.ts'

interface Case {
  readonly title: string
  readonly sls: string
  readonly errors: readonly string[]
}

const text = readFileSync(new URL('../../../cases/orchestrate/mistakes.yaml', import.meta.url), 'utf8')
const cases = toPlain(loadYaml(text, 'mistakes.yaml') as unknown as Dict) as unknown as Case[]

let orchestra: Orchestra
beforeAll(async () => {
  orchestra = await new Orchestra().open()
})
afterAll(() => orchestra.close())

describe('mistakes', () => {
  it.each(cases.map((one) => [one.title, one] as const))('%s', async (_, { sls, errors }) => {
    const { ret, retcode } = await orchestra.run(sls)
    expect(retcode).toBe(1)
    const told = (ret as string[]).map(parts).sort(byHead)
    const wanted = errors
      .map((error) => error.split(' '))
      .map(([code, place, ...hint]) => ({
        head: `${code} ${place}`,
        hint: hint.join(' '),
      }))
    wanted.sort(byHead)
    expect(told.map(({ head }) => head)).toEqual(wanted.map(({ head }) => head))
    for (const [index, { hint }] of wanted.entries()) expect(told[index]?.hint).toContain(hint)
    expect(orchestra.asked).toEqual([])
  })
})

interface Told {
  readonly head: string
  readonly hint: string
}

function parts(error: string): Told {
  const code = /\[([a-z-]+)\]/.exec(error)?.[1]
  const place = / at orch\.sls:(\d+:\d+)/.exec(error)?.[1]
  return { head: `${code} ${place}`, hint: /hint: (.*)/s.exec(error)?.[1] ?? '' }
}

const byHead = (a: Told, b: Told): number => (a.head < b.head ? -1 : 1)
