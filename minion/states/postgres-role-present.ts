/** Roles that exist, may do what is given, and have their password: users and groups differ only in their defaults. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { choice, flag, nonEmptyText, readFlag, text } from '../../shared/schema/scalars.ts'
import { Mismatch, shaped } from '../../shared/schema/shaped.ts'
import {
  type Encryption,
  encryptionOf,
  isPassword,
  md5Verifier,
  scramVerifier,
} from '../databases/postgres/password-verifier.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { ownEncryption, type Role, roleNamed } from '../databases/postgres/roles.ts'
import { identifier, literal } from '../databases/postgres/sql-text.ts'
import { type Decision, drift, failed, inSync } from './contract.ts'
import { maintenanceDatabase, serverEntries } from './postgres-server.ts'

const words = choice(['md5', 'scram-sha-256'])
const encryption = shaped<boolean | Encryption>({
  words: 'True, False, `md5` or `scram-sha-256`',
  json: { enum: [true, false, 'md5', 'scram-sha-256'] },
  read: (value) =>
    v.is(words, value)
      ? (value as Encryption)
      : (readFlag(value) ?? new Mismatch('True, False, md5 or scram-sha-256 is expected')),
})

export const roleArguments = v.strictObject({
  name: needed(postgresName, 'Name of the role.'),
  password: optional(text, 'Its password: plain, or as PostgreSQL stores it (`md5…`, `SCRAM-SHA-256$…`).'),
  default_password: optional(text, 'Password for a role that is made; one that exists keeps its own.'),
  refresh_password: defaulted(
    flag,
    false,
    'True: set the password at every run where the stored one may not be read to compare it (as on servers without a superuser).',
  ),
  encrypted: optional(
    encryption,
    'How the password is stored. Not given or True: as the server does it, and whatever a role that exists has; `md5` and `scram-sha-256` have it changed.',
  ),
  superuser: optional(flag, 'Whether it may do everything.'),
  createdb: optional(flag, 'Whether it may make databases.'),
  createroles: optional(flag, 'Whether it may make roles.'),
  login: optional(
    flag,
    'Whether it may log in. Default for one that is made: True for a user, False for a group.',
  ),
  inherit: optional(
    flag,
    'Whether it has the privileges of its groups. Default for a role that is made: True.',
  ),
  replication: optional(flag, 'Whether it may replicate the server.'),
  valid_until: optional(nonEmptyText, 'When its password ends: a time that PostgreSQL reads, or `infinity`.'),
  groups: optional(nameList, 'Roles that it has to be a member of; others stay.'),
  ...maintenanceDatabase,
  ...serverEntries,
})
type Arguments = v.InferOutput<typeof roleArguments>

export type RoleKind = 'User' | 'Group'

/** Argument → word of SQL; with NO before it, its opposite. */
const attributes = {
  superuser: 'SUPERUSER',
  createdb: 'CREATEDB',
  createroles: 'CREATEROLE',
  inherit: 'INHERIT',
  login: 'LOGIN',
  replication: 'REPLICATION',
} as const
type Attribute = keyof typeof attributes
const attributeNames = Object.keys(attributes) as Attribute[]

const attributeWord = (name: Attribute, on: boolean): string => `${on ? '' : 'NO'}${attributes[name]}`

/** The password as the server is to store it; its text stays here, unless `encrypted` is False. */
async function storedForm(
  { name, encrypted }: Arguments,
  password: string,
  server: Postgres,
): Promise<string> {
  if (encrypted === false || encryptionOf(password) !== undefined) return password
  const how = typeof encrypted === 'string' ? encrypted : await ownEncryption(server)
  return how === 'md5' ? md5Verifier(name, password) : scramVerifier(password)
}

const passwordClause = (stored: string | null): string =>
  `PASSWORD ${stored === null ? 'NULL' : literal(stored)}`

const membership = (verb: 'GRANT' | 'REVOKE', groups: readonly string[], name: string): string[] =>
  groups.map(
    (group) => `${verb} ${identifier(group)} ${verb === 'GRANT' ? 'TO' : 'FROM'} ${identifier(name)};`,
  )

/** All of it or nothing. */
const together = (statements: readonly string[]): string =>
  statements.length === 1 ? (statements[0] ?? '') : ['BEGIN;', ...statements, 'COMMIT;'].join('\n')

function create(kind: RoleKind, wanted: Arguments, server: Postgres): Decision {
  const { name, valid_until, groups = [] } = wanted
  const given = { ...wanted, login: wanted.login ?? kind === 'User', inherit: wanted.inherit ?? true }
  const words = attributeNames.flatMap((key) => {
    const value = given[key]
    return value === undefined ? [] : [attributeWord(key, value)]
  })
  const comments = {
    would: `${kind} ${name} is set to be created`,
    done: `The ${kind.toLowerCase()} ${name} has been created`,
  }
  return drift({ [name]: 'Present' }, comments, async (act) => {
    const password = wanted.password ?? wanted.default_password
    const clauses = [
      ...words,
      ...(password ? [passwordClause(await storedForm(wanted, password, server))] : []),
      ...(valid_until === undefined ? [] : [`VALID UNTIL ${literal(valid_until)}`]),
    ]
    const made = `CREATE ROLE ${identifier(name)} WITH ${clauses.join(' ')};`
    const undo = [server.step(`DROP ROLE IF EXISTS ${identifier(name)};`)]
    await server.change(act, together([made, ...membership('GRANT', groups, name)]), undo)
  })
}

/** Whether another password has to be set. undefined: nobody can tell. */
function differs({ name, password, encrypted }: Arguments, stored: Role['password']): boolean | undefined {
  if (!password) return false
  if (stored === undefined) return undefined
  if (stored === null) return true
  return !isPassword(name, password, stored) || isOtherwiseEncrypted(password, encrypted, stored)
}

const isOtherwiseEncrypted = (password: string, encrypted: Arguments['encrypted'], stored: string): boolean =>
  typeof encrypted === 'string' && encryptionOf(password) === undefined && encryptionOf(stored) !== encrypted

function update(kind: RoleKind, wanted: Arguments, role: Role, server: Postgres): Decision {
  const { name, valid_until, groups = [], password } = wanted
  const changedAttributes = attributeNames.filter(
    (key) => wanted[key] !== undefined && wanted[key] !== role[key],
  )
  const newGroups = groups.filter((group) => !role.groups.includes(group))
  const other = differs(wanted, role.password)
  if (other === undefined && !wanted.refresh_password)
    return failed(
      `The stored password of ${name} may not be read, so nobody can tell whether it is the right one`,
      'Ask as a superuser (user, db_user), or give "refresh_password: True" to have it set at every run.',
    )
  const changes: Record<string, Plain> = Object.fromEntries(
    changedAttributes.map((key) => [key, wanted[key] ?? null]),
  )
  if (other !== false) changes.password = true
  if (!role.isValidUntil) changes.valid_until = valid_until ?? null
  if (newGroups.length > 0) changes.groups = newGroups
  if (Object.keys(changes).length === 0) return inSync(`${kind} ${name} is already present`)
  const comments = {
    would: `${kind} ${name} is set to be updated`,
    done: `The ${kind.toLowerCase()} ${name} has been updated`,
  }
  return drift({ [name]: changes }, comments, async (act) => {
    const to = changedAttributes.map((key) => attributeWord(key, wanted[key] === true))
    const back = changedAttributes.map((key) => attributeWord(key, role[key]))
    if (other !== false && password) {
      to.push(passwordClause(await storedForm(wanted, password, server)))
      if (role.password !== undefined) back.push(passwordClause(role.password))
    }
    if (!role.isValidUntil) {
      to.push(`VALID UNTIL ${literal(valid_until ?? 'infinity')}`)
      back.push(`VALID UNTIL ${literal(role.validUntil ?? 'infinity')}`)
    }
    const alter = (clauses: readonly string[]): string[] =>
      clauses.length === 0 ? [] : [`ALTER ROLE ${identifier(name)} WITH ${clauses.join(' ')};`]
    const undo = together([...membership('REVOKE', newGroups, name), ...alter(back)])
    const cannotGoBack = other === true ? false : role.password === undefined && other !== false
    await server.change(
      act,
      together([...alter(to), ...membership('GRANT', newGroups, name)]),
      cannotGoBack ? 'the password of before may not be read' : [server.step(undo)],
    )
  })
}

export async function ensureRole(kind: RoleKind, wanted: Arguments, server: Postgres): Promise<Decision> {
  const password = wanted.password !== undefined && wanted.password !== ''
  const role = await roleNamed(wanted.name, { password, validUntil: wanted.valid_until }, server)
  return role ? update(kind, wanted, role, server) : create(kind, wanted, server)
}
