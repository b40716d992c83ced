import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { documentOrder, documentParts } from '../../../../shared/output/document-parts.ts'
import {
  formatHosts,
  type HostReturn,
  isDocument,
  type OutputSettings,
  outputNames,
} from '../../../../shared/output/format.ts'

const hosts = fc.uniqueArray(
  fc.record({
    id: fc.string({ unit: fc.constantFrom(...'ab19.-'), minLength: 1, maxLength: 12 }),
    ret: fc.jsonValue({ maxDepth: 3 }).map((json) => toValue(json as Plain)),
    retcode: fc.constantFrom(0, 1),
    format: fc.constant('nested' as const),
  }),
  { selector: ({ id }) => id, maxLength: 5 },
)

describe('the parts of one document are the document', () => {
  const indents = [undefined, -1, 0, 2]
  for (const out of outputNames)
    for (const indent of out === 'json' ? indents : [undefined])
      it(`${out}${indent === undefined ? '' : ` with an indent of ${indent}`}`, () => {
        const settings: OutputSettings = {
          out,
          stateForm: 'full',
          stateVerbose: true,
          color: false,
          unicode: true,
          ...(indent === undefined ? {} : { indent }),
        }
        fc.assert(
          fc.property(hosts, (all: HostReturn[]) => {
            fc.pre(all.length > 0 || isDocument(settings))
            const order = documentOrder(settings)
            const ordered = order ? [...all].sort((a, b) => order(a.id, b.id)) : all
            expect([...documentParts(ordered, settings)].join('')).toBe(formatHosts(all, settings))
          }),
        )
      })
})

it('a host is asked for when those before it are written', () => {
  const taken: string[] = []
  function* returns(): Generator<HostReturn> {
    for (const id of ['a', 'b']) {
      taken.push(id)
      yield { id, ret: true, retcode: 0, format: 'nested' }
    }
  }
  const settings = {
    out: 'json',
    stateForm: 'full',
    stateVerbose: true,
    color: false,
    unicode: true,
  } as const
  const parts = documentParts(returns(), settings)
  expect(parts.next().value).toBe('{\n    "a": true')
  expect(taken).toEqual(['a'])
})
