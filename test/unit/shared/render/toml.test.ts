import { describe, expect, it } from 'vitest'
import { placeOfValue } from '../../../../shared/data/provenance.ts'
import { type Dict, PyFloat, toPlain, type Value } from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { pipelineOf, renderData } from '../../../../shared/render/pipeline.ts'

const render = (text: string) => renderData({ text, file: 'a.sls', renderer: 'yaml', variables: {} })
const at = (container: Value | undefined, key: string | number): string => {
  const place = placeOfValue(container, key)
  return `${place?.line}:${place?.column}`
}

describe('toml', () => {
  it('is data with integers apart from floats, big ones exact, and dates as text', async () => {
    const value = (await render(
      '#!toml\na = 1\nb = 1.0\nc = 12345678901234567\nd = 2026-11-22T07:00:00Z\ne = 1979-05-27\nf = [true, "x"]\n',
    )) as Dict
    expect([...value]).toEqual([
      ['a', 1],
      ['b', new PyFloat(1)],
      ['c', 12345678901234567n],
      ['d', '2026-11-22T07:00:00.000Z'],
      ['e', '1979-05-27'],
      ['f', [true, 'x']],
    ])
  })

  it('knows places of keys in tables, dotted keys, arrays of tables, and around texts of several lines', async () => {
    const text = `#!toml
title = "x"
text = """
[no.table]
a = 1 """
[db.main]
port = 5432
"quoted key" = 'v'
pool.size = 3
inline = { a = 1 }
[[host]]
name = "a"
[[host]]
name = "b"
`
    const value = (await render(text)) as Dict
    expect(JSON.parse(JSON.stringify(toPlain(value)))).toEqual({
      title: 'x',
      text: '[no.table]\na = 1 ',
      db: { main: { port: 5432, 'quoted key': 'v', pool: { size: 3 }, inline: { a: 1 } } },
      host: [{ name: 'a' }, { name: 'b' }],
    })
    const main = (value.get('db') as Dict).get('main') as Dict
    const hosts = value.get('host') as Dict[]
    expect([
      at(value, 'title'),
      at(value, 'text'),
      at(main, 'port'),
      at(main, 'quoted key'),
      at(main.get('pool'), 'size'),
      at(main.get('inline'), 'a'),
      at(hosts[1], 'name'),
      at(hosts, 1),
    ]).toEqual(['2:9', '3:8', '7:8', '8:16', '9:13', '10:10', '14:8', '13:1'])
  })

  it('keeps the order of keys that look like numbers', async () => {
    expect([...((await render('#!toml\nz = 1\n80 = 2\n8 = 3\n')) as Dict).keys()]).toEqual(['z', '80', '8'])
  })

  it('that is wrong is refused at its place', async () => {
    const error = await render('#!toml\na = 1\nb = \n').catch((thrown) => thrown)
    expect(isTsaltError(error) && [error.code, error.place?.line, error.place?.column]).toEqual([
      'language-toml',
      3,
      5,
    ])
  })
})

describe('first lines', () => {
  it.each([
    ['#!jinja|yaml|gpg translate_newlines', ['jinja', 'yaml', 'gpg']],
    ['#!jinja -s | yaml -o x', ['jinja', 'yaml']],
    ['#!yaml_jinja', ['jinja', 'yaml']],
  ])('%s', (line, expected) => expect(pipelineOf(`${line}\n`, 'a.sls', 'x')).toEqual(expected))

  it('of any length', () => {
    expect(pipelineOf(`#!${'jinja|'.repeat(2_000)}yaml\n`, 'a.sls', 'x')).toHaveLength(2_001)
  })

  it.each([
    ['#!py\ndef run(): pass', 'language-renderer-unsupported', 'ext_pillar'],
    ['#!stateconf\n', 'language-renderer-unsupported', 'require'],
    ['#!nacl\n', 'language-renderer-unsupported', 'age'],
    ['#!yaml|jinja\na: 1', 'language-renderer-order', 'templates'],
    ['#!yaml|json\na: 1', 'language-renderer-order', 'templates'],
    ['#!gpg\na: 1', 'language-renderer-unknown', 'yaml'],
    ['#!jnja|yaml\n', 'language-renderer-unknown', '"jinja"'],
    ['#!constructor\n', 'language-renderer-unknown', 'There are'],
  ])('%j is refused with what to do instead', async (text, code, hint) => {
    const error = await render(text).catch((thrown) => thrown)
    expect(isTsaltError(error) && [error.code, error.hint]).toEqual([code, expect.stringContaining(hint)])
  })

  it('of JSON and of text are no part of it', async () => {
    const json = (await render('#!json\n{"a": [1]}')) as Dict
    expect([toPlain(json), at(json, 'a')]).toEqual([{ a: [1], __proto__: null }, '2:7'])
    expect(await render('#!text\nplain {{ x }}\n')).toBe('plain {{ x }}\n')
  })
})
