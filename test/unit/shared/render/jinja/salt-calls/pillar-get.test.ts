/** pillar.get beside recorded answers of Salt 3006; command lines and templates have the same function. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Dict, type Plain, toPlain, toValue, type Value } from '../../../../../../shared/data/value.ts'
import { callPure } from '../../../../../../shared/render/jinja/call-pure.ts'

interface Case {
  args: Plain[]
  keywords: Record<string, Plain>
  opts: Record<string, Plain>
  answer?: Plain
  error?: string
}

const file = new URL('../../../../../cases/jinja-salt/pillar-get.json', import.meta.url)
const { pillar, cases } = JSON.parse(readFileSync(file, 'utf8')) as { pillar: Plain; cases: Case[] }
const plain = (value: Value): unknown => JSON.parse(JSON.stringify(toPlain(value)))

describe('pillar.get', () => {
  test.each(cases)('$args $keywords $opts', ({ args, keywords, opts, answer, error }) => {
    const data = toValue(pillar)
    const named = toValue(keywords) as Map<string, Value>
    const variables = { pillar: data, opts: toValue(opts) }
    const ask = (): Value => callPure('pillar.get', args.map(toValue), named, variables)
    if (error === undefined) expect(plain(ask())).toEqual(answer)
    else expect(ask).toThrow(`pillar.get: ${error}`)
    // What it merges is never the pillar itself.
    expect(plain(data)).toEqual(pillar)
  })

  test('finds keys that are no text', () => {
    const data: Dict = new Map([
      [
        'ports',
        new Map<Value, Value>([
          [80, 'web'],
          [true, 'yes'],
        ]) as Dict,
      ],
    ])
    const ask = (key: string): Value => callPure('pillar.get', [key, 'none'], new Map(), { pillar: data })
    expect([ask('ports:80'), ask('ports:true'), ask('ports:81')]).toEqual(['web', 'yes', 'none'])
  })
})
