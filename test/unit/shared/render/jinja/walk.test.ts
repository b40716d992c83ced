/**
 * Every statement, filter, test, method and operator of Jinja's documentation with every kind of value, sense or not, as the
 * real Jinja2 has it. `V` stands for the value.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { differencesOf, hasPython, Oracle } from './differential.ts'

type Walk = Readonly<
  Record<'values' | 'filters' | 'tests' | 'members' | 'operators' | 'statements', readonly string[]>
>

const file = join(import.meta.dirname, '../../../../cases/jinja/walk.json')
const walk = JSON.parse(readFileSync(file, 'utf8')) as Walk

const shapes: Readonly<Record<string, readonly string[]>> = {
  filters: walk.filters.map((one) => `{{ V|${one} }}`),
  tests: walk.tests.map((one) => `{{ V is ${one} }}`),
  members: walk.members.map((one) => `{{ V${one} }}`),
  operators: walk.operators.map((one) => `{{ ${one} }}`),
  statements: walk.statements,
}

describe.skipIf(!hasPython)('every part of Jinja (skipped without python3-jinja2)', () => {
  const oracle = new Oracle()
  afterAll(() => oracle.close())

  it.each(Object.entries(shapes))(
    '%s with every kind of value',
    async (_, all) => {
      for (const shape of all) {
        const cases = walk.values.flatMap((value) =>
          [false, true].map((lenient) => ({
            template: shape.replaceAll(/\bV\b/g, () => value),
            options: lenient ? { allow_undefined: true } : {},
          })),
        )
        expect(await differencesOf(oracle, cases)).toEqual([])
      }
    },
    600_000,
  )
})
