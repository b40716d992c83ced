/** mysql_grants.*: what users of a MySQL or MariaDB server may do. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { mysqlName } from '../../shared/schema/database-names.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import { accountOf, grantsOf } from '../databases/mysql/accounts.ts'
import type { Mysql } from '../databases/mysql/client.ts'
import {
  type Grant,
  heldOn,
  type Level,
  missingFrom,
  type Privileges,
  parseGrant,
  privilegesText,
  readLevel,
  readPrivileges,
} from '../databases/mysql/grants.ts'
import { readRequirements, requirementsText } from '../databases/mysql/requirements.ts'
import { account } from '../databases/mysql/sql-text.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { madeEarlier } from './database-trouble.ts'
import { connectionEntries, onMysql } from './mysql-server.ts'
import { missingUnlessBrought } from './required-program.ts'

const entries = {
  name: needed(nonEmptyText, 'Any name; it is told in the changes.'),
  grant: needed(
    nonEmptyText,
    'What the user may do: `select,insert,update`, `all privileges`, `select (name, price)`.',
  ),
  database: needed(nonEmptyText, 'On what: `shop.*`, `shop.orders`, `*.*`, `procedure shop.total`.'),
  user: needed(mysqlName, 'The user.'),
  host: defaulted(mysqlName, 'localhost', 'Host that the user logs in from.'),
  grant_option: defaulted(flag, false, 'True: the user may pass it on.'),
  escape: defaulted(flag, true, 'False: the names in `database` are SQL already: `` `shop\\_%`.* ``.'),
  ...connectionEntries,
}
const presentArgs = v.strictObject({
  ...entries,
  revoke_first: defaulted(
    flag,
    false,
    'True: exactly these privileges; what else the user may do on this level is revoked.',
  ),
  ssl_option: optional(
    anything,
    'How the user has to connect: `[SSL: True]`, `[X509: True]`, or a list of SUBJECT, ISSUER, CIPHER. False: as is.',
  ),
})
const absentArgs = v.strictObject(entries)
type Present = v.InferOutput<typeof presentArgs>
type Arguments = v.InferOutput<typeof absentArgs>

function refuse({ grant, database, escape: escaped }: Arguments): ArgumentRefusal | undefined {
  if (readPrivileges(grant) === undefined)
    return {
      argument: 'grant',
      reason: 'privileges with commas between them are expected: select, insert (name)',
    }
  return readLevel(database, escaped) === undefined
    ? { argument: 'database', reason: 'DATABASE.TABLE, DATABASE.* or *.* is expected' }
    : undefined
}

interface Wanted {
  readonly privileges: Privileges
  readonly level: Level
  readonly to: string
  readonly title: string
}

function wantedOf({ grant, database, escape: escaped, user, host }: Arguments): Wanted {
  const [privileges, level] = [readPrivileges(grant), readLevel(database, escaped)]
  if (!privileges || !level) throw new RangeError('arguments that were to be refused')
  return { privileges, level, to: account(user, host), title: `${grant} on ${database} to ${user}@${host}` }
}

interface Now {
  readonly privileges: Privileges
  readonly grantOption: boolean
}

/** undefined: there is no such user. */
async function heldBy({ user, host }: Arguments, level: Level, server: Mysql): Promise<Now | undefined> {
  if (!(await accountOf(user, host, server))) return undefined
  const lines = await grantsOf(user, host, server)
  const grants = lines.map(parseGrant).filter((one): one is Grant => one !== undefined)
  return heldOn(level, grants)
}

const grantSql = (privileges: Privileges, { level, to }: Wanted, option: boolean): string =>
  `GRANT ${privilegesText(privileges)} ON ${level.sql} TO ${to}${option ? ' WITH GRANT OPTION' : ''};`
const revokeSql = (privileges: Privileges, { level, to }: Wanted): string =>
  `REVOKE ${privilegesText(privileges)} ON ${level.sql} FROM ${to};`
const revokeOption = ({ level, to }: Wanted): string => `REVOKE GRANT OPTION ON ${level.sql} FROM ${to};`

const usage: Privileges = new Map([['USAGE', []]])

function absentUser({ user, host }: Arguments, run: StateRun): Decision {
  const hint = 'Make it in an earlier state (mysql_user.present), and require that.'
  return missingUnlessBrought(`There is no user ${user}@${host}`, hint, madeEarlier('mysql'), run)
}

/** In a dry run: a user that an earlier state makes may do nothing yet. */
const foretold = ({ user }: Arguments, run: StateRun): Now | undefined =>
  run.test &&
  run.predicted.some(({ state, fun, name }) => state === 'mysql_user' && fun === 'present' && name === user)
    ? { privileges: new Map(), grantOption: false }
    : undefined

/** What is held beyond what is wanted; what is held as ALL is one privilege. */
function excess(held: Privileges, wanted: Privileges): Privileges {
  if (wanted.has('ALL PRIVILEGES')) return new Map()
  const over = held.has('ALL PRIVILEGES') ? held : missingFrom(wanted, held)
  return new Map([...over].filter(([name]) => name !== 'USAGE'))
}

async function decidePresent(wanted: Present, server: Mysql, run: StateRun): Promise<Decision> {
  const all = wantedOf(wanted)
  const { privileges, level, title } = all
  const now = (await heldBy(wanted, level, server)) ?? foretold(wanted, run)
  if (!now) return absentUser(wanted, run)
  const over = wanted.revoke_first ? excess(now.privileges, privileges) : new Map()
  const missing = over.has('ALL PRIVILEGES') ? privileges : missingFrom(now.privileges, privileges)
  const addsOption = wanted.grant_option && !now.grantOption
  const dropsOption = wanted.revoke_first && !wanted.grant_option && now.grantOption
  const needs = await requirementsText(wanted.user, wanted.host, readRequirements(wanted.ssl_option), server)
  if (missing.size === 0 && over.size === 0 && !addsOption && !dropsOption && needs === undefined)
    return inSync(`Grant ${title} is already present`)
  const comments = {
    would: `MySQL grant ${wanted.name} is set to be created`,
    done: `Grant ${title} has been added`,
  }
  return drift({ [wanted.name]: 'Present' }, comments, async (act) => {
    const change = (sql: string, back: string) => server.change(act, sql, [back])
    if (over.size > 0) await change(revokeSql(over, all), grantSql(over, all, false))
    if (dropsOption) await change(revokeOption(all), grantSql(usage, all, true))
    if (missing.size > 0) await change(grantSql(missing, all, false), revokeSql(missing, all))
    if (addsOption) await change(grantSql(usage, all, true), revokeOption(all))
    if (needs) await change(needs.to, needs.back)
  })
}

async function decideAbsent(wanted: Arguments, server: Mysql): Promise<Decision> {
  const all = wantedOf(wanted)
  const { privileges, level } = all
  const { grant, database, user, host } = wanted
  const nothing = `Grant ${grant} on ${database} to ${user}@${host} is not present, so it cannot be revoked`
  const now = await heldBy(wanted, level, server)
  if (!now) return inSync(nothing)
  const held = heldAmong(now.privileges, privileges)
  const dropsOption = wanted.grant_option && now.grantOption
  if (held.size === 0 && !dropsOption) return inSync(nothing)
  const comments = {
    would: `MySQL grant ${wanted.name} is set to be revoked`,
    done: `Grant ${grant} on ${database} for ${user}@${host} has been revoked`,
  }
  return drift({ [wanted.name]: 'Absent' }, comments, async (act) => {
    const before = now.privileges.has('ALL PRIVILEGES') ? now.privileges : held
    if (held.size > 0) await server.change(act, revokeSql(held, all), [grantSql(before, all, false)])
    if (dropsOption) await server.change(act, revokeOption(all), [grantSql(usage, all, true)])
  })
}

/** Of what is to go, what is there. */
function heldAmong(now: Privileges, privileges: Privileges): Privileges {
  const real = [...now].filter(([name]) => name !== 'USAGE')
  if (privileges.has('ALL PRIVILEGES')) return real.length > 0 ? privileges : new Map()
  if (now.has('ALL PRIVILEGES')) return privileges
  return new Map(
    [...privileges].flatMap(([name, columns]): [string, readonly string[]][] => {
      const own = now.get(name)
      if (own === undefined || name === 'USAGE') return []
      const both =
        columns.length === 0 ? own : own.length === 0 ? columns : columns.filter((one) => own.includes(one))
      return columns.length > 0 && both.length === 0 ? [] : [[name, both]]
    }),
  )
}

const present = stateFunction({
  summary: 'Makes sure that a user may do something with databases or tables.',
  args: presentArgs,
  examples: [
    'app on shop:\n  mysql_grants.present:\n    - grant: select,insert,update,delete\n    - database: shop.*\n    - user: app\n    - host: localhost\n',
    'reports on prices:\n  mysql_grants.present:\n    - grant: select (name, price)\n    - database: shop.articles\n    - user: reports\n    - host: 10.0.0.%\n    - revoke_first: True\n',
  ],
  refuse: (wanted) => {
    const requirements = readRequirements(wanted.ssl_option)
    return typeof requirements === 'string'
      ? { argument: 'ssl_option', reason: requirements }
      : refuse(wanted)
  },
  check: (wanted, look, run) => onMysql(wanted, look, run, (server) => decidePresent(wanted, server, run)),
})

const absent = stateFunction({
  summary: 'Makes sure that a user may not do something with databases or tables.',
  args: absentArgs,
  examples: [
    'app drops nothing:\n  mysql_grants.absent:\n    - grant: drop\n    - database: shop.*\n    - user: app\n    - host: localhost\n',
  ],
  refuse,
  check: (wanted, look, run) => onMysql(wanted, look, run, (server) => decideAbsent(wanted, server)),
})

export const mysqlGrants = stateModule({
  summary: 'What users of MySQL and MariaDB may do.',
  functions: { present, absent },
})
