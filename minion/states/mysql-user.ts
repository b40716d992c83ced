/** mysql_user.*: users of a MySQL or MariaDB server. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mysqlName } from '../../shared/schema/database-names.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { type Account, accountOf, creation, flavourOf, grantsOf } from '../databases/mysql/accounts.ts'
import type { Mysql } from '../databases/mysql/client.ts'
import { isNativeHash, nativeHash } from '../databases/mysql/password-hash.ts'
import { account, literal } from '../databases/mysql/sql-text.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'
import { connectionEntries, onMysql } from './mysql-server.ts'

const entries = {
  name: needed(mysqlName, 'Name of the user.'),
  host: defaulted(
    mysqlName,
    'localhost',
    'Host that the user logs in from: a name, an address, `%` for any.',
  ),
  ...connectionEntries,
}
const presentArgs = v.strictObject({
  ...entries,
  password: optional(text, 'The password.'),
  password_hash: optional(
    nonEmptyText,
    'The password as the server stores it: `"*6C89…"` (in quotes). `password` counts before it.',
  ),
  allow_passwordless: defaulted(flag, false, 'True: without a password, anybody may log in as this user.'),
  unix_socket: defaulted(
    flag,
    false,
    'True: through the socket the account of the same name logs in without a password.',
  ),
  auth_plugin: optional(
    nonEmptyText,
    'Plugin that checks the password. Default: the one that the user has, for a new one `mysql_native_password` (on MySQL 8 what the server takes).',
  ),
  password_column: optional(text, 'Accepted for trees of Salt; the right column is found.'),
})
type Arguments = v.InferOutput<typeof presentArgs>

const native = 'mysql_native_password'
const isNative = (plugin: string): boolean => plugin === '' || plugin === native
const socketPlugins = ['unix_socket', 'auth_socket']

const hasPassword = ({ password, password_hash }: Arguments): boolean =>
  !!password || password_hash !== undefined

/** The hash to be stored where the user has the usual plugin. */
const wantedHash = ({ password, password_hash = '' }: Arguments): string =>
  password ? nativeHash(password) : isNativeHash(password_hash) ? password_hash.toUpperCase() : password_hash

/** IDENTIFIED …; with the plain password only where this side cannot make the stored form. */
async function identified(wanted: Arguments, now: Account | undefined, server: Mysql): Promise<string> {
  const { isMaria, major } = await flavourOf(server)
  if (wanted.unix_socket) return `IDENTIFIED WITH ${isMaria ? 'unix_socket' : 'auth_socket'}`
  const plugin = wanted.auth_plugin ?? (isMaria || major < 8 ? native : now?.plugin)
  if (!hasPassword(wanted))
    return isMaria || major < 8 ? `IDENTIFIED WITH ${native} AS ''` : "IDENTIFIED BY ''"
  if (plugin === native || (plugin === undefined && !wanted.password && isNativeHash(wantedHash(wanted))))
    return `IDENTIFIED WITH ${native} AS ${literal(wantedHash(wanted))}`
  const named = plugin === undefined || plugin === '' ? '' : ` WITH ${pluginName(plugin)}`
  if (!wanted.password) return `IDENTIFIED${named} AS ${literal(wantedHash(wanted))}`
  // MariaDB's plugins make their hash of what PASSWORD() is given.
  return isMaria
    ? `IDENTIFIED${named} USING PASSWORD(${literal(wanted.password)})`
    : `IDENTIFIED${named} BY ${literal(wanted.password)}`
}

const pluginName = (plugin: string): string => (/^\w+$/.test(plugin) ? plugin : literal(plugin))

/** Whether the user logs in as wanted. undefined: nobody can tell from what is stored. */
function isAsWanted(wanted: Arguments, now: Account): boolean | undefined {
  if (wanted.unix_socket) return socketPlugins.includes(now.plugin)
  if (!hasPassword(wanted)) return now.hash === '' && !socketPlugins.includes(now.plugin)
  if (wanted.auth_plugin !== undefined && wanted.auth_plugin !== (now.plugin || native)) return false
  if (isNative(now.plugin)) return now.hash.toUpperCase() === wantedHash(wanted).toUpperCase()
  if (!wanted.password) return now.hash === wanted.password_hash
  return now.hash === '' || socketPlugins.includes(now.plugin) ? false : undefined
}

async function decide(wanted: Arguments, server: Mysql): Promise<Decision> {
  const { name, host } = wanted
  const now = await accountOf(name, host, server)
  const title = `${name}@${host}`
  const without = wanted.unix_socket || !hasPassword(wanted)
  const user = account(name, host)
  if (!now) {
    const tail = without ? ' with passwordless login' : ''
    const comments = {
      would: `User ${title} is set to be added${tail}`,
      done: `The user ${title} has been added${tail}`,
    }
    return drift({ [name]: 'Present' }, comments, async (act) => {
      const sql = `CREATE USER ${user} ${await identified(wanted, undefined, server)};`
      await server.change(act, sql, [`DROP USER IF EXISTS ${user};`])
    })
  }
  const same = isAsWanted(wanted, now)
  if (same === undefined)
    return failed(
      `The password of ${title} is kept by ${now.plugin}, whose form cannot be compared`,
      'Give "password_hash" as SHOW CREATE USER prints it, or "auth_plugin: mysql_native_password".',
    )
  if (same) {
    const how = without
      ? 'passwordless login'
      : `the desired password${wanted.password_hash && !wanted.password ? ' hash' : ''}`
    return inSync(`User ${title} is already present with ${how}`)
  }
  const comments = {
    would: `Password for user ${title} is set to be ${without ? 'cleared' : 'changed'}`,
    done: `Password for user ${title} has been ${without ? 'cleared' : 'changed'}`,
  }
  return drift({ [name]: 'Updated' }, comments, async (act) => {
    const back = (await creation(name, host, server)).replace(/^CREATE USER/, 'ALTER USER')
    const sql = `ALTER USER ${user} ${await identified(wanted, now, server)};`
    await server.change(
      act,
      sql,
      back === '' ? 'the server does not tell how the user was made' : [`${back};`],
    )
  })
}

const present = stateFunction({
  summary: 'Makes sure that a user exists and logs in with this password.',
  args: presentArgs,
  examples: [
    'app:\n  mysql_user.present:\n    - host: localhost\n    - password: change-me\n',
    "reports:\n  mysql_user.present:\n    - host: 10.0.0.%\n    - password_hash: '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4'\n",
    'backup:\n  mysql_user.present:\n    - unix_socket: True\n',
  ],
  refuse: (wanted) =>
    hasPassword(wanted) || wanted.allow_passwordless || wanted.unix_socket
      ? undefined
      : {
          argument: 'password',
          reason:
            'either password or password_hash must be given, unless allow_passwordless or unix_socket is True',
        },
  check: (wanted, look, run) => onMysql(wanted, look, run, (server) => decide(wanted, server)),
})

const absent = stateFunction({
  summary: 'Makes sure that a user does not exist.',
  args: v.strictObject(entries),
  examples: ['olduser:\n  mysql_user.absent:\n    - host: localhost\n'],
  check: (wanted, look, run) =>
    onMysql(wanted, look, run, async (server) => {
      const { name, host } = wanted
      const title = `${name}@${host}`
      if (!(await accountOf(name, host, server)))
        return inSync(`User ${title} is not present, so it cannot be removed`)
      const comments = { would: `User ${title} is set to be removed`, done: `User ${title} has been removed` }
      return drift({ [name]: 'Absent' }, comments, async (act) => {
        const made = [await creation(name, host, server), ...(await grantsOf(name, host, server))]
        const undo = made.filter((one) => one !== '').map((one) => `${one};`)
        await server.change(act, `DROP USER ${account(name, host)};`, undo)
      })
    }),
})

export const mysqlUser = stateModule({
  summary: 'Users of MySQL and MariaDB.',
  functions: { present, absent },
})
