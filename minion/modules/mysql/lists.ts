/** Functions of `mysql` that tell what there is. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import { accountOf, grantsOf } from '../../databases/mysql/accounts.ts'
import { Mysql } from '../../databases/mysql/client.ts'
import { heldOn, missingFrom, parseGrant, readLevel, readPrivileges } from '../../databases/mysql/grants.ts'
import type { MysqlRow } from '../../databases/mysql/rows.ts'
import { identifier, literal, pattern } from '../../databases/mysql/sql-text.ts'
import { connectionEntries } from '../../states/mysql-server.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../contract.ts'

export const serverOf = (args: object, { look, config }: ModuleContext): Mysql =>
  new Mysql(args, look, config)

const record = (row: MysqlRow): Record<string, Plain> => Object.fromEntries(row)
const firsts = (rows: readonly MysqlRow[]): string[] => rows.map((row) => [...row.values()][0] ?? '')
const host = defaulted(text, 'localhost', 'Host that the user logs in from.')

/** Name and value in two columns. */
const pairs = (rows: readonly MysqlRow[]): Record<string, Plain> =>
  Object.fromEntries(
    rows.map((row) => [...row.values()]).map(([name, value]) => [String(name), value ?? null]),
  )

function ask(
  name: string,
  summary: string,
  sql: string,
  read: (rows: readonly MysqlRow[]) => Plain,
): Record<string, ExecFunction> {
  return {
    [name]: execFunction({
      summary,
      args: v.strictObject(connectionEntries),
      examples: [`tsalt db1 mysql.${name}`],
      readOnly: true,
      run: async (args, context) => read(await serverOf(args, context).rows(name, sql)),
    }),
  }
}

const schema = (name: string): string =>
  `SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS character_set, DEFAULT_COLLATION_NAME AS \`collate\` FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(name)}`

export const listFunctions: Readonly<Record<string, ExecFunction>> = {
  ...ask('version', 'Version of the server.', 'SELECT VERSION()', (rows) => firsts(rows)[0] ?? ''),
  ...ask('status', 'State of the server: counters by name.', 'SHOW GLOBAL STATUS', pairs),
  ...ask('showvariables', 'Variables of the server by name.', 'SHOW VARIABLES', pairs),
  ...ask('showglobal', 'Global variables of the server by name.', 'SHOW GLOBAL VARIABLES', pairs),
  ...ask('processlist', 'What the server is at.', 'SHOW FULL PROCESSLIST', (rows) => rows.map(record)),
  ...ask('db_list', 'Names of the databases.', 'SHOW DATABASES', firsts),
  ...ask('user_list', 'Users with their hosts.', 'SELECT User, Host FROM mysql.user', (rows) =>
    rows.map(record),
  ),
  ...ask('plugins_list', 'Plugins of the server with their state.', 'SHOW PLUGINS', (rows) =>
    rows.map((row) => ({ name: row.get('Name') ?? '', status: row.get('Status') ?? '' })),
  ),
  ...ask(
    'get_master_status',
    'Place in the binary log that replicas read from.',
    'SHOW MASTER STATUS',
    (rows) => (rows[0] ? record(rows[0]) : {}),
  ),
  ...ask(
    'get_slave_status',
    'How replication goes, where the server is a replica.',
    'SHOW SLAVE STATUS',
    (rows) => (rows[0] ? record(rows[0]) : {}),
  ),
  db_exists: execFunction({
    summary: 'Whether there is a database of this name.',
    args: v.strictObject({ name: needed(text, 'The name.'), ...connectionEntries }),
    examples: ['tsalt db1 mysql.db_exists shop'],
    readOnly: true,
    run: async ({ name, ...caller }, context) =>
      (await serverOf(caller, context).rows('db_exists', schema(name))).length > 0,
  }),
  db_get: execFunction({
    summary: 'Character set and order of a database; nothing where there is none.',
    args: v.strictObject({ name: needed(text, 'The name.'), ...connectionEntries }),
    examples: ['tsalt db1 mysql.db_get shop'],
    readOnly: true,
    async run({ name, ...caller }, context) {
      const [row] = await serverOf(caller, context).rows('db_get', schema(name))
      return row ? { character_set: row.get('character_set') ?? '', collate: row.get('collate') ?? '' } : {}
    },
  }),
  db_tables: execFunction({
    summary: 'Names of the tables of a database; False where there is none.',
    args: v.strictObject({ name: needed(text, 'The database.'), ...connectionEntries }),
    examples: ['tsalt db1 mysql.db_tables shop'],
    readOnly: true,
    async run({ name, ...caller }, context) {
      const server = serverOf(caller, context)
      if ((await server.rows('db_exists', schema(name))).length === 0) return false
      return firsts(await server.rows('db_tables', `SHOW TABLES IN ${identifier(name)}`))
    },
  }),
  user_exists: execFunction({
    summary: 'Whether there is a user at a host.',
    args: v.strictObject({ user: needed(text, 'The user.'), host, ...connectionEntries }),
    examples: ['tsalt db1 mysql.user_exists app 10.0.0.%'],
    readOnly: true,
    run: async ({ user, host: at, ...caller }, context) =>
      (await accountOf(user, at, serverOf(caller, context))) !== undefined,
  }),
  user_info: execFunction({
    summary: 'All that the server keeps of a user but the password; False where there is none.',
    args: v.strictObject({ user: needed(text, 'The user.'), host, ...connectionEntries }),
    examples: ['tsalt db1 mysql.user_info app localhost'],
    readOnly: true,
    async run({ user, host: at, ...caller }, context) {
      const sql = `SELECT * FROM mysql.user WHERE User = ${literal(user)} AND Host = ${literal(at)}`
      const [row] = await serverOf(caller, context).rows('user_info', sql)
      if (!row) return false
      const secret = ['Password', 'authentication_string']
      return Object.fromEntries(
        [...row].map(([key, value]) => [key, secret.includes(key) && value ? 'XXX-REDACTED-XXX' : value]),
      )
    },
  }),
  user_grants: execFunction({
    summary: 'What a user may do, as GRANT statements without the password; False where there is none.',
    args: v.strictObject({ user: needed(text, 'The user.'), host, ...connectionEntries }),
    examples: ['tsalt db1 mysql.user_grants app localhost'],
    readOnly: true,
    async run({ user, host: at, ...caller }, context) {
      const server = serverOf(caller, context)
      if (!(await accountOf(user, at, server))) return false
      return (await grantsOf(user, at, server)).map((line) =>
        line.replace(/ IDENTIFIED (?:BY|VIA|WITH) .*?(?= REQUIRE| WITH GRANT|$)/, ''),
      )
    },
  }),
  grant_exists: execFunction({
    summary: 'Whether a user may do something.',
    args: v.strictObject({
      grant: needed(text, 'What: `select,insert`.'),
      database: needed(text, 'On what: `shop.*`.'),
      user: needed(text, 'The user.'),
      host,
      grant_option: defaulted(flag, false, 'True: and pass it on.'),
      escape: defaulted(flag, true, 'False: the names are SQL already.'),
      ...connectionEntries,
    }),
    examples: ["tsalt db1 mysql.grant_exists 'select,insert' 'shop.*' app localhost"],
    readOnly: true,
    async run({ grant, database, user, host: at, grant_option, escape: quotes, ...caller }, context) {
      const [wanted, level] = [readPrivileges(grant), readLevel(database, quotes)]
      const server = serverOf(caller, context)
      if (!wanted || !level || !(await accountOf(user, at, server))) return false
      const grants = (await grantsOf(user, at, server)).flatMap((line) => parseGrant(line) ?? [])
      const held = heldOn(level, grants)
      return missingFrom(held.privileges, wanted).size === 0 && (held.grantOption || !grant_option)
    },
  }),
  quote_identifier: execFunction({
    summary: 'A name as SQL writes it.',
    args: v.strictObject({
      identifier: needed(text, 'The name.'),
      for_grants: defaulted(
        flag,
        false,
        'True: of a database in a grant, where `_` and `%` stand for any characters.',
      ),
    }),
    examples: ["tsalt db1 mysql.quote_identifier 'my`db'"],
    readOnly: true,
    run: async ({ identifier: name, for_grants }) => (for_grants ? pattern(name) : identifier(name)),
  }),
  ...maintenance('db_check', 'CHECK', 'Checks'),
  ...maintenance('db_repair', 'REPAIR', 'Repairs'),
  ...maintenance('db_optimize', 'OPTIMIZE', 'Makes compact'),
}

function maintenance(name: string, word: string, does: string): Record<string, ExecFunction> {
  return {
    [name]: execFunction({
      summary: `${does} the tables of a database, or one of them.`,
      args: v.strictObject({
        name: needed(text, 'The database.'),
        table: optional(text, 'The table. Not given: all.'),
        ...connectionEntries,
      }),
      examples: [`tsalt db1 mysql.${name} shop`],
      readOnly: false,
      async run({ name: database, table, ...caller }, context) {
        const server = serverOf(caller, context)
        const tables =
          table === undefined
            ? firsts(await server.rows('db_tables', `SHOW TABLES IN ${identifier(database)}`))
            : [table]
        if (tables.length === 0) return []
        const sql = `${word} TABLE ${tables.map((one) => `${identifier(database)}.${identifier(one)}`).join(', ')};\n`
        return (await server.changeRaw(context.act, sql)).map(record)
      },
    }),
  }
}
