/** The reader of an argument that does without valibot says what valibot says. */
import { inspect } from 'node:util'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { stateModules } from '../../../../minion/states/registry.ts'
import { PyFloat } from '../../../../shared/data/value.ts'
import { Mismatch, readerOf } from '../../../../shared/schema/shaped.ts'

const samples: readonly unknown[] = [
  '',
  '/etc/x',
  '0644',
  'true',
  'no',
  'a b',
  0,
  644,
  -1,
  10n ** 20n,
  new PyFloat(1),
  true,
  false,
  [],
  ['a', 1],
  [new Map([['a', 'b']])],
  new Map(),
  new Map([['a', 1]]),
]

const schemas = Object.entries(stateModules).flatMap(([module, { functions }]) =>
  Object.entries(functions).flatMap(([fun, { args }]) =>
    Object.entries(args.entries).map(
      ([argument, schema]) => [`${module}.${fun}: ${argument}`, schema as v.GenericSchema] as const,
    ),
  ),
)

test('every argument has one, and both agree', () => {
  for (const [name, schema] of schemas) {
    const reader = readerOf(schema)
    expect(reader, name).toBeDefined()
    for (const sample of samples) {
      const quick = reader?.(sample)
      const slow = v.safeParse(schema, sample)
      if (slow.success) expect(inspect(quick), name).toBe(inspect(slow.output))
      else expect(quick instanceof Mismatch && quick.reason, name).toBe(slow.issues[0].message)
    }
  }
})

test('a schema with more than a description is left to valibot', () => {
  const [, schema] = schemas[0] ?? []
  if (schema === undefined) throw new Error('there are no states')
  expect(
    readerOf(
      v.pipe(
        schema,
        v.check(() => false),
      ),
    ),
  ).toBeUndefined()
  expect(readerOf(v.string())).toBeUndefined()
})
