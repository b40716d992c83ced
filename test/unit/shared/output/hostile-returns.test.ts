/** Whatever a minion returns: it is shown without a failure, and without a character that a terminal obeys. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dict, PyFloat, type Value } from '../../../../shared/data/value.ts'
import { formatHosts, type OutputName, outputNames, stateForms } from '../../../../shared/output/format.ts'

const nasty = fc.constantFrom(
  '\x1b]0;owned\x07',
  '\x1b[2J\x1b[H',
  '\x9b31m',
  '\u202egnp.exe',
  'a\rb',
  '\x7f',
  '\u2066x\u2069',
  '__proto__',
  'constructor',
  'file_|-a_|-b_|-managed',
  'pkg_|-\x1b[0m_|-x_|-installed',
)
const text = fc.oneof(nasty, fc.string({ maxLength: 12 }))
const scalar: fc.Arbitrary<Value> = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(10n ** 30n),
  fc.double().map((number) => new PyFloat(number)),
)
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.integer()), tie('value')), { maxLength: 4 })
      .map((pairs): Dict => new Map(pairs)),
  ),
}))
const stateLike = fc
  .array(
    fc.tuple(
      fc.oneof(nasty, fc.constant('file_|-x_|-/x_|-managed')),
      fc
        .record({
          result: value,
          comment: value,
          changes: value,
          name: value,
          duration: value,
          __run_num__: value,
          __id__: value,
        })
        .map((record): Value => new Map(Object.entries(record))),
    ),
    { maxLength: 4 },
  )
  .map((pairs): Value => new Map(pairs))

describe('a hostile return', () => {
  const outs: (OutputName | undefined)[] = [undefined, ...outputNames]
  it.each(outs)('as %s', (out) => {
    fc.assert(
      fc.property(
        fc.oneof(value, stateLike),
        fc.constantFrom('highstate', 'nested'),
        fc.constantFrom(...stateForms),
        (ret, format, stateForm) => {
          const settings = { out, stateForm, stateVerbose: true, color: false, unicode: true }
          const shown = formatHosts(
            [{ id: 'web1', ret, retcode: 0, format: format as 'nested' }],
            settings as never,
          )
          expect([...shown].filter((character) => isObeyed(character.codePointAt(0) ?? 0))).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})

const isObeyed = (code: number): boolean =>
  (code < 0x20 && code !== 9 && code !== 10) ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069)
