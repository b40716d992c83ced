import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseArguments, typeWord } from '../../../../shared/cli-arguments/parse.ts'
import { encodeValue } from '../../../../shared/data/codec.ts'
import { type Plain, PyFloat, toPlain, toValue } from '../../../../shared/data/value.ts'

interface Recorded {
  typed: string
  positional: Plain[]
  keyword: Record<string, Plain>
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../../cases/output/cli-arguments.json', import.meta.url), 'utf8'),
)

/** Where tsalt answers something else on purpose. */
const improved = new Map<string, { reason: string; positional: Plain[] }>([
  ['0644', { reason: 'a mode loses its zero in Salt', positional: ['0644'] }],
])

describe('words as Salt reads them', () => {
  it.each(recorded)('$typed', ({ typed, positional, keyword }) => {
    const { args, kwargs } = parseArguments([typed])
    expect(toPlain(args)).toEqual(improved.get(typed)?.positional ?? positional)
    expect(toPlain(kwargs)).toEqual(toPlain(toValue(keyword)))
  })

  it('keeps a float apart from an integer', () => {
    expect(typeWord('1.0')).toEqual(new PyFloat(1))
    expect(encodeValue(typeWord('1.5'))).toBe(1.5)
  })
})

describe('the first argument of cmd.*', () => {
  it('is never typed: the command "false" is a command', () => {
    expect(parseArguments(['false'], 'cmd.run').args).toEqual(['false'])
    expect(parseArguments(['[ -e /x ]'], 'cmd.run').args).toEqual(['[ -e /x ]'])
    expect(parseArguments(['cmd=false'], 'cmd.run').kwargs.get('cmd')).toBe('false')
  })

  it('is a command also where it begins with an assignment', () => {
    const { args, kwargs } = parseArguments(['A=1 make', 'cwd=/tmp', 'timeout=5'], 'cmd.run')
    expect(args).toEqual(['A=1 make'])
    expect(toPlain(kwargs)).toEqual(toPlain(toValue({ cwd: '/tmp', timeout: 5 })))
  })

  it('does not change later arguments', () => {
    expect(parseArguments(['salt://x.sh', 'false'], 'cmd.script').args).toEqual(['salt://x.sh', false])
  })
})

describe('any word', () => {
  it('becomes a value and never an error', () => {
    fc.assert(fc.property(fc.string(), (word) => encodeValue(typeWord(word)) !== undefined))
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,#!&*|>\'"%@`-?= ab1') }), (word) => {
        expect(() => encodeValue(typeWord(word))).not.toThrow()
      }),
    )
  })
})
