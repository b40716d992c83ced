/** Whatever stands in a reactor file, in the options `reactor` and `schedule`: understood, or an error in words. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEntries } from '../../../../master/reactor/entry.ts'
import { differs, neutral } from '../../../../master/reactor/neutral.ts'
import { readReactions } from '../../../../master/reactor/read-reactions.ts'
import { readMasterEntry } from '../../../../master/schedule/master-entry.ts'
import {
  type Dict,
  equalValues,
  isDict,
  type Plain,
  toValue,
  type Value,
} from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'

const word = fc.constantFrom(
  ...'local.state.apply cmd.run runner.a.b wheel.key.accept caller.x.y local tgt tgt_type expr_form arg kwarg args ret'.split(
    ' ',
  ),
  ...'subset require order sls as from trust_data function seconds cron when once splay range enabled include'.split(
    ' ',
  ),
  ...['*', 'web*', '5', '', 'grain', 'salt://a.sls', '/a.sls', '* * * * *', '5:00pm', 'True', "x: 'y"],
)
const { tree } = fc.letrec<{ tree: Plain }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    word,
    fc.integer({ min: -5, max: 100 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
  ),
}))

function inWords(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!isTsaltError(error)) throw error
    expect(error.message).not.toMatch(/undefined|\[object|NaN/)
  }
}

test('files, entries of the reactor, entries of the schedule', () => {
  const known = { whens: new Map(), runners: ['a.b'] }
  fc.assert(
    fc.property(tree, (plain) => {
      const value = toValue(plain)
      inWords(() => readReactions(value, 'r.sls'))
      inWords(() => readEntries([value]))
      const entry = readMasterEntry('a', value, known)
      if (typeof entry === 'string') expect(entry).not.toMatch(/undefined|\[object|NaN/)
    }),
    { numRuns: 3_000 },
  )
})

test('neutral data is made of the same, has nothing left that means something, and is left alone where nothing was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), tree), fc.string(), (plain, text) => {
      const data = toValue({ ...plain, text }) as Dict
      const quiet = neutral(data, 'x')
      const other = neutral(data, 'q')
      if (quiet === undefined || other === undefined) return
      expect(neutral(quiet, 'x')).toBeUndefined()
      expect(equalValues(data, quiet)).toBe(false)
      const told = (value: Value): string[] =>
        typeof value === 'string'
          ? [value]
          : isDict(value)
            ? [...value.values()].flatMap(told)
            : Array.isArray(value)
              ? value.flatMap(told)
              : []
      if (data.size === quiet.size && data.size === other.size)
        expect(differs({ mine: data, plain: quiet, other })).toBeUndefined()
      for (const each of told(quiet)) expect(each).not.toMatch(/[\n\r"'{}[\]]/)
    }),
    { numRuns: 2_000 },
  )
})
