/** What the clients print: CSV of psql, XML of mysql, replies of redis-cli, grants. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCsv } from '../../../../minion/databases/csv.ts'
import {
  heldOn,
  missingFrom,
  parseGrant,
  privilegesText,
  readLevel,
  readPrivileges,
} from '../../../../minion/databases/mysql/grants.ts'
import { parseRows } from '../../../../minion/databases/mysql/rows.ts'
import { account, identifier } from '../../../../minion/databases/mysql/sql-text.ts'
import { parseReply, RedisError } from '../../../../minion/databases/redis/reply.ts'

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\n', '\r', "'", '`', '\\', '<', '&', ' ', '(', ')'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
})

describe('CSV', () => {
  const field = (value: string): string =>
    /[",\n\r]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), (rows) => {
        expect(parseCsv(rows.map((row) => `${row.map(field).join(',')}\n`).join(''))).toEqual(rows)
      }),
    )
  })
  test('empty fields without quotes', () => {
    expect(parseCsv('a,b,c\n1,,\n,,3')).toEqual([
      ['a', 'b', 'c'],
      ['1', '', ''],
      ['', '', '3'],
    ])
  })
})

describe('rows of mysql', () => {
  const escaped = (value: string): string =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  test('are read as they were written, and NULL is no text', () => {
    const row = fc.uniqueArray(fc.tuple(text, fc.option(text)), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 3 }), (rows) => {
        const printed = rows.map(
          (fields) =>
            `  <row>\n${fields
              .map(
                ([name, value]) =>
                  `\t<field name="${escaped(name)}"${value === null ? ' xsi:nil="true" />' : `>${escaped(value)}</field>`}\n`,
              )
              .join('')}  </row>\n`,
        )
        expect(
          parseRows(`<?xml version="1.0"?>\n<resultset statement="x">\n${printed.join('')}</resultset>`),
        ).toEqual(rows.map((fields) => new Map(fields)))
      }),
    )
  })
})

describe('replies of redis-cli', () => {
  /** As redis-cli prints a text. */
  const printed = (value: string): string =>
    `"${[...Buffer.from(value)]
      .map((byte) => {
        const one = String.fromCharCode(byte)
        if (one === '"' || one === '\\') return `\\${one}`
        const short = { 10: '\\n', 13: '\\r', 9: '\\t', 7: '\\a', 8: '\\b' }[byte]
        return short ?? (byte >= 32 && byte < 127 ? one : `\\x${byte.toString(16).padStart(2, '0')}`)
      })
      .join('')}"\n`
  const whole = fc.string({ unit: 'binary' }).filter((value) => Buffer.from(value).toString() === value)

  test('a text', () => {
    fc.assert(fc.property(whole, (value) => void expect(parseReply(printed(value))).toBe(value)))
  })
  test('a list of texts', () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 12 }), (values) => {
        const width = String(values.length).length
        const lines = values.map((value, index) => `${String(index + 1).padStart(width)}) ${printed(value)}`)
        expect(parseReply(lines.join(''))).toEqual(values)
      }),
    )
  })
  test.each([
    ['(nil)\n', null],
    ['(integer) -2\n', -2],
    ['OK\n', 'OK'],
    ['(empty array)\n', []],
    ['(error) WRONGTYPE Operation\n', new RedisError('WRONGTYPE Operation')],
    ['1) 1) "a"\n   2) (integer) 3\n2) (nil)\n', [['a', 3], null]],
    ['# Server\r\nredis_version:7.0.15\r\n', '# Server\r\nredis_version:7.0.15\r'],
  ])('%j', (output, expected) => expect(parseReply(output)).toEqual(expected))
})

describe('grants', () => {
  const word = fc
    .constantFrom('SELECT', 'INSERT', 'SHOW VIEW', 'CREATE TEMPORARY TABLES', 'ON', 'REFERENCES')
    .filter((one) => one !== 'ON')
  const name = text.filter((one) => one !== '' && !one.includes('\0'))
  const privileges = fc.uniqueArray(fc.tuple(word, fc.uniqueArray(name, { maxLength: 3 })), {
    selector: ([one]) => one,
    minLength: 1,
    maxLength: 4,
  })

  test('are read as SHOW GRANTS prints them, whatever the names are', () => {
    fc.assert(
      fc.property(privileges, name, name, name, fc.boolean(), (list, database, table, user, option) => {
        const wanted = new Map(list)
        const line = `GRANT ${privilegesText(wanted)} ON ${identifier(database)}.${identifier(table)} TO ${identifier(user)}@\`%\` IDENTIFIED BY PASSWORD '*AB'${option ? ' WITH GRANT OPTION' : ''}`
        expect(parseGrant(line)).toEqual({
          privileges: wanted,
          kind: '',
          database,
          table,
          user,
          host: '%',
          grantOption: option,
        })
        expect(parseGrant(line.replace(`${identifier(user)}@\`%\``, () => account(user, 'h')))).toMatchObject(
          {
            user,
            host: 'h',
          },
        )
      }),
    )
  })
  test('what is granted is not missing, and what is missing was not granted', () => {
    fc.assert(
      fc.property(privileges, privileges, (held, wanted) => {
        const missing = missingFrom(new Map(held), new Map(wanted))
        expect(missingFrom(new Map(wanted), new Map(wanted)).size).toBe(0)
        for (const [one] of missing) expect(wanted.map(([name]) => name)).toContain(one)
        expect(missingFrom(new Map([['ALL PRIVILEGES', []]]), new Map(wanted)).size).toBe(0)
      }),
    )
  })
  test.each([
    ['GRANT PROXY ON ``@`%` TO `root`@`localhost` WITH GRANT OPTION'],
    ['GRANT `reader` TO `app`@`localhost`'],
    ['SET DEFAULT ROLE `reader` FOR `app`@`localhost`'],
    ['GRANT'],
  ])('no privileges on anything: %s', (line) => expect(parseGrant(line)).toBeUndefined())
  test('of routines, and of everything', () => {
    expect(parseGrant('GRANT EXECUTE ON PROCEDURE `shop`.`total` TO `a`@`b`')).toMatchObject({
      kind: 'PROCEDURE',
      table: 'total',
    })
    expect(parseGrant("GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION")).toMatchObject({
      database: '*',
      table: '*',
      grantOption: true,
    })
  })
  test.each([
    ['shop.*', true, '`shop`.*', 'shop', '*'],
    ['my_shop.*', true, '`my\\_shop`.*', 'my\\_shop', '*'],
    ['my_shop.my_table', true, '`my_shop`.`my_table`', 'my_shop', 'my_table'],
    ['`my-shop`.*', true, '`my-shop`.*', 'my-shop', '*'],
    ['*.*', true, '*.*', '*', '*'],
    ['procedure shop.total', true, 'PROCEDURE `shop`.`total`', 'shop', 'total'],
    ['`shop\\_%`.*', false, '`shop\\_%`.*', 'shop\\_%', '*'],
  ])('level %s (escape %s) is %s', (given, quotes, sql, database, table) => {
    expect(readLevel(given, quotes)).toMatchObject({ sql, database, table })
  })
  test.each([
    ['shop', true],
    ['.x', true],
    ['shop.* TO root; --', false],
    ['`a`.`b`.`c`', false],
  ])('no level: %s', (given, quotes) => {
    expect(readLevel(given, quotes)).toBeUndefined()
  })
  test.each([['select; drop'], [''], ["'select'"]])('no privileges: %s', (given) =>
    expect(readPrivileges(given)).toBeUndefined(),
  )
  test('ALL of MySQL 8, which prints what it stands for', () => {
    const line =
      'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, SHUTDOWN, PROCESS, FILE, REFERENCES, INDEX, ALTER, SHOW DATABASES, SUPER, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE TABLESPACE, CREATE ROLE, DROP ROLE ON *.* TO `root`@`localhost` WITH GRANT OPTION'
    const level = readLevel('*.*', true)
    const grant = parseGrant(line)
    expect(level && grant && heldOn(level, [grant]).privileges.has('ALL PRIVILEGES')).toBe(true)
  })
})
