/** Whatever a name or text holds, a server reads it as that one name or text and nothing else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as mysql from '../../../../minion/databases/mysql/sql-text.ts'
import * as postgres from '../../../../minion/databases/postgres/sql-text.ts'

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom("'", '"', '`', '\\', ';', '\n', '-', '$', '%', '_', ' ', 'E', 'x', 'é', '/*', '*/'),
  }),
)
const withoutNul = nasty.map((text) => text.replaceAll('\0', ''))

/** Reads what is between quotes by the rules of SQL; undefined where it ends early or not at all. */
function read(sql: string, quote: string, escapes?: Readonly<Record<string, string>>): string | undefined {
  if (!sql.startsWith(quote)) return undefined
  let text = ''
  for (let at = 1; at < sql.length; at++) {
    const one = sql.charAt(at)
    if (escapes && one === '\\') {
      at += 1
      text += escapes[sql.charAt(at)] ?? sql.charAt(at)
    } else if (one !== quote) text += one
    else if (sql.charAt(at + 1) === quote) {
      text += quote
      at += 1
    } else return at === sql.length - 1 ? text : undefined
  }
  return undefined
}

describe('PostgreSQL', () => {
  test('a text is that text', () => {
    fc.assert(
      fc.property(withoutNul, (text) => {
        const sql = postgres.literal(text)
        const back = sql.startsWith(' E') ? read(sql.slice(2), "'", {}) : read(sql, "'")
        expect(back).toBe(text)
      }),
    )
  })
  test('a name is that name', () => {
    fc.assert(fc.property(withoutNul, (name) => void expect(read(postgres.identifier(name), '"')).toBe(name)))
  })
  test('a NUL is refused, as no text of the server has one', () => {
    expect(() => postgres.literal('a\0b')).toThrow(RangeError)
  })
  test('a guard cannot be left from within', () => {
    const sql = postgres.unless("name = '$guard$'", "$guard$ it's")
    expect(sql.match(/\$guard\$/g)).toHaveLength(2)
  })
})

describe('MySQL', () => {
  test('a text is that text', () => {
    const escapes = { '0': '\0', n: '\n', r: '\r', Z: '\x1a' }
    fc.assert(fc.property(nasty, (text) => void expect(read(mysql.literal(text), "'", escapes)).toBe(text)))
  })
  test('a name is that name', () => {
    fc.assert(fc.property(withoutNul, (name) => void expect(read(mysql.identifier(name), '`')).toBe(name)))
  })
  test('in a grant a database is itself and no pattern', () => {
    expect(mysql.pattern('my_db%')).toBe('`my\\_db\\%`')
  })
})
