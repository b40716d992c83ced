/** Functions of `mysql` that change something: each does what its state does. And queries. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { onlyLooks, runQuery, told } from '../../databases/mysql/run-query.ts'
import type { StateFunction, StateModule } from '../../states/contract.ts'
import { mysqlDatabase } from '../../states/mysql-database.ts'
import { mysqlGrants } from '../../states/mysql-grants.ts'
import { connectionEntries } from '../../states/mysql-server.ts'
import { mysqlUser } from '../../states/mysql-user.ts'
import { type ExecFunction, execFunction } from '../contract.ts'
import { applyState } from '../state-call.ts'
import { serverOf } from './lists.ts'

const host = defaulted(text, 'localhost', 'Host that the user logs in from.')
const user = needed(nonEmptyText, 'The user.')
const name = needed(nonEmptyText, 'Name of the database.')
const how = {
  password: optional(text, 'The password.'),
  password_hash: optional(text, 'The password as the server stores it.'),
  allow_passwordless: defaulted(flag, false, 'True: without a password, anybody may log in.'),
  unix_socket: defaulted(flag, false, 'True: through the socket the account of the same name logs in.'),
  auth_plugin: optional(text, 'Plugin that checks the password.'),
}
const granted = {
  grant: needed(nonEmptyText, 'What: `select,insert`.'),
  database: needed(nonEmptyText, 'On what: `shop.*`.'),
  user,
  host,
  grant_option: defaulted(flag, false, 'True: and pass it on.'),
  escape: defaulted(flag, true, 'False: the names are SQL already.'),
}

function change(
  called: string,
  module: StateModule,
  fun: 'present' | 'absent',
  { summary, example, entries }: { summary: string; example: string; entries: v.ObjectEntries },
): Record<string, ExecFunction> {
  return {
    [called]: execFunction({
      summary,
      args: v.strictObject({ ...entries, ...connectionEntries }),
      examples: [`tsalt db1 mysql.${called} ${example}`],
      readOnly: false,
      async run(args, context) {
        const { user: who, ...others } = args as Record<string, unknown>
        const own = module === mysqlUser ? { ...others, name: who } : { name: called, ...args }
        return applyState(`mysql.${called}`, module.functions[fun] as StateFunction, own, context)
      },
    }),
  }
}

export const changeFunctions: Readonly<Record<string, ExecFunction>> = {
  ...change('db_create', mysqlDatabase, 'present', {
    summary: 'Makes a database. False: it is so already.',
    example: 'shop character_set=utf8mb4',
    entries: {
      name,
      character_set: optional(text, 'Its character set by default.'),
      collate: optional(text, 'Its order of characters by default.'),
    },
  }),
  ...change('alter_db', mysqlDatabase, 'present', {
    summary: 'The same as db_create.',
    example: 'shop character_set=utf8mb4',
    entries: {
      name,
      character_set: optional(text, 'Its character set by default.'),
      collate: optional(text, 'Its order of characters by default.'),
    },
  }),
  ...change('db_remove', mysqlDatabase, 'absent', {
    summary: 'Drops a database with all that is in it. False: there is none.',
    example: 'old',
    entries: { name },
  }),
  ...change('user_create', mysqlUser, 'present', {
    summary: 'Makes a user, or changes the password. False: it is so already.',
    example: 'app localhost change-me',
    entries: { user, host, ...how },
  }),
  ...change('user_chpass', mysqlUser, 'present', {
    summary: 'The same as user_create.',
    example: 'app localhost change-me',
    entries: { user, host, ...how },
  }),
  ...change('user_remove', mysqlUser, 'absent', {
    summary: 'Drops a user. False: there is none.',
    example: 'olduser localhost',
    entries: { user, host },
  }),
  ...change('grant_add', mysqlGrants, 'present', {
    summary: 'Lets a user do something. False: the user may already.',
    example: "'select,insert' 'shop.*' app localhost",
    entries: granted,
  }),
  ...change('grant_revoke', mysqlGrants, 'absent', {
    summary: 'Has a user not do something. False: the user may not already.',
    example: "'drop' 'shop.*' app localhost",
    entries: granted,
  }),
  query: execFunction({
    summary: 'What SQL answers: columns, results and how many rows; or how many rows it changed.',
    args: v.strictObject({
      database: needed(nonEmptyText, 'Database that it is run in.'),
      query: needed(nonEmptyText, 'The SQL.'),
      ...connectionEntries,
    }),
    examples: ["tsalt db1 mysql.query shop 'SELECT name, price FROM articles LIMIT 5'"],
    readOnly: false,
    async run({ database, query, ...caller }, context) {
      const act = onlyLooks(query) ? undefined : context.act
      return told(await runQuery(query, database, serverOf(caller, context), act))
    },
  }),
  file_query: execFunction({
    summary: 'The same of a file of SQL on the minion.',
    args: v.strictObject({
      database: needed(nonEmptyText, 'Database that it is run in.'),
      file_name: needed(nonEmptyText, 'Path of the file.'),
      ...connectionEntries,
    }),
    examples: ['tsalt db1 mysql.file_query shop /srv/shop/schema.sql'],
    readOnly: false,
    async run({ database, file_name, ...caller }, context) {
      const sql = Buffer.from(await context.look.files.read(file_name, 64 * 1_048_576)).toString('utf8')
      return told(await runQuery(sql, database, serverOf(caller, context), context.act))
    },
  }),
}
