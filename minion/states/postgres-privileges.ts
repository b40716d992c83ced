/** postgres_privileges.*: what a role may do with tables, schemas, databases …, and whose member it is. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nameList } from '../../shared/schema/collections.ts'
import { postgresName } from '../../shared/schema/database-names.ts'
import { choice, flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import {
  grant,
  type HeldPrivileges,
  heldPrivileges,
  membershipOf,
  type ObjectName,
  objectTypes,
  privilegesOf,
  readPrivileges,
  revoke,
} from '../databases/postgres/privileges.ts'
import type { Postgres } from '../databases/postgres/psql.ts'
import { identifier } from '../databases/postgres/sql-text.ts'
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
import { maintenanceDatabase, onPostgres, serverEntries } from './postgres-server.ts'
import { missingUnlessBrought } from './required-program.ts'

const entries = {
  name: needed(postgresName, 'Role; `public` stands for everybody.'),
  object_name: needed(
    nonEmptyText,
    'Name of the object; `ALL`: every table, sequence or function of the schema. A function with the types of its arguments: `total(integer)`. With the type `group`: the role to be a member of.',
  ),
  object_type: needed(choice(objectTypes), 'What the object is.'),
  privileges: optional(nameList, 'What the role may do: `[SELECT, INSERT]`, `ALL`. Needed but for a group.'),
  prepend: defaulted(postgresName, 'public', 'Schema of a table, sequence or function.'),
  ...maintenanceDatabase,
  ...serverEntries,
}
const presentArgs = v.strictObject({
  ...entries,
  grant_option: defaulted(flag, false, 'True: the role may pass them on; of a group: it may take others in.'),
})
const absentArgs = v.strictObject(entries)
type Arguments = Omit<v.InferOutput<typeof presentArgs>, 'grant_option'> & { readonly grant_option?: boolean }

function refuse({ object_type, privileges, name }: Arguments): ArgumentRefusal | undefined {
  if (object_type === 'group') {
    if (name.toLowerCase() === 'public')
      return { argument: 'name', reason: 'everybody cannot be a member of a group' }
    return privileges === undefined
      ? undefined
      : { argument: 'privileges', reason: 'a member of a group has what the group has: leave it out' }
  }
  if (privileges === undefined || privileges.length === 0)
    return {
      argument: 'privileges',
      reason: `needed: some of ${privilegesOf(object_type).join(', ')}, or ALL`,
    }
  const read = readPrivileges(object_type, privileges)
  return 'unknown' in read
    ? {
        argument: 'privileges',
        reason: `a ${object_type} does not know ${read.unknown}, but ${privilegesOf(object_type).join(', ')}, and ALL`,
      }
    : undefined
}

/** Empty where the arguments are of a group. */
function objectOf({ object_type: type, object_name: name, prepend: schema, privileges = [] }: Arguments): {
  object: ObjectName
  names: readonly string[]
} {
  if (type === 'group') throw new RangeError('a group has no privileges')
  const names = readPrivileges(type, privileges)
  return { object: { type, name, schema }, names: 'unknown' in names ? [] : names }
}

const missing = (wanted: Arguments, run: StateRun): Decision => {
  const { object_type: type, object_name: object, prepend, maintenance_db = 'postgres' } = wanted
  const place = ['table', 'sequence', 'function'].includes(type)
    ? ` in schema ${prepend} of ${maintenance_db}`
    : ''
  const hint =
    'Correct the names (object_name, prepend, maintenance_db), or have it made in an earlier state and require that.'
  const what = object === 'ALL' ? `There is no ${type}${place}` : `There is no ${type} ${object}${place}`
  const likely = missingUnlessBrought(what, hint, new Set([`postgres_${type}`]), run)
  return likely.kind === 'unknown' ? likely : missingUnlessBrought(what, hint, madeEarlier('postgres'), run)
}

interface Change {
  readonly to: readonly string[]
  readonly back: readonly string[]
}

function presentChange(
  { object, all, held, grantable }: HeldPrivileges,
  names: readonly string[],
  wanted: Arguments,
): Change {
  const option = wanted.grant_option === true
  const wants = names.includes('ALL') ? all : names
  const lacking = wants.filter((one) => !(option ? grantable : held).includes(one))
  if (lacking.length === 0) return { to: [], back: [] }
  const fresh = lacking.filter((one) => !held.includes(one))
  const promoted = lacking.filter((one) => held.includes(one))
  return {
    to: [grant(lacking, object, wanted.name, option)],
    back: [
      ...(fresh.length > 0 ? [revoke(fresh, object, wanted.name)] : []),
      ...(promoted.length > 0 ? [revoke(promoted, object, wanted.name, true)] : []),
    ],
  }
}

function absentChange(
  { object, held, grantable, all }: HeldPrivileges,
  names: readonly string[],
  wanted: Arguments,
): Change {
  const wants = names.includes('ALL') ? [...new Set([...all, ...held])] : names
  const having = wants.filter((one) => held.includes(one))
  if (having.length === 0) return { to: [], back: [] }
  const plain = having.filter((one) => !grantable.includes(one))
  const passing = having.filter((one) => grantable.includes(one))
  return {
    to: [revoke(having, object, wanted.name)],
    back: [
      ...(plain.length > 0 ? [grant(plain, object, wanted.name, false)] : []),
      ...(passing.length > 0 ? [grant(passing, object, wanted.name, true)] : []),
    ],
  }
}

async function membershipChange(
  wanted: Arguments,
  verb: 'present' | 'absent',
  server: Postgres,
): Promise<Change | undefined> {
  const { name, object_name: group, grant_option = false } = wanted
  const now = await membershipOf(group, name, server)
  if (!now) return undefined
  const [role, member] = [identifier(group), identifier(name)]
  if (verb === 'absent') {
    const back = `GRANT ${role} TO ${member}${now.admin ? ' WITH ADMIN OPTION' : ''};`
    return now.member ? { to: [`REVOKE ${role} FROM ${member};`], back: [back] } : { to: [], back: [] }
  }
  if (now.member && (now.admin || !grant_option)) return { to: [], back: [] }
  return {
    to: [`GRANT ${role} TO ${member}${grant_option ? ' WITH ADMIN OPTION' : ''};`],
    back: [`REVOKE ${now.member ? 'ADMIN OPTION FOR ' : ''}${role} FROM ${member};`],
  }
}

async function changeOf(
  wanted: Arguments,
  verb: 'present' | 'absent',
  server: Postgres,
): Promise<Change | undefined> {
  if (wanted.object_type === 'group') return membershipChange(wanted, verb, server)
  const { object, names } = objectOf(wanted)
  const objects = await heldPrivileges(object, wanted.name, server)
  if (objects.length === 0) return undefined
  const changes = objects.map((one) =>
    (verb === 'present' ? presentChange : absentChange)(one, names, wanted),
  )
  return { to: changes.flatMap(({ to }) => to), back: changes.flatMap(({ back }) => back) }
}

async function decide(
  wanted: Arguments,
  verb: 'present' | 'absent',
  server: Postgres,
  run: StateRun,
): Promise<Decision> {
  const change = await changeOf(wanted, verb, server)
  if (!change) {
    const nothing = `The requested ${wanted.object_type === 'group' ? 'membership is' : 'privilege(s) are'} not set`
    return verb === 'absent' && wanted.object_name === 'ALL' ? inSync(nothing) : missing(wanted, run)
  }
  const { to, back } = change
  const given =
    wanted.object_type === 'group'
      ? `membership in ${wanted.object_name}`
      : (wanted.privileges ?? []).join(',')
  const comments =
    verb === 'present'
      ? {
          still: 'The requested privilege(s) are already set',
          would: `The privilege(s): ${given} are set to be granted to ${wanted.name}`,
          done: `The privilege(s): ${given} have been granted to ${wanted.name}`,
        }
      : {
          still: 'The requested privilege(s) are not set so cannot be revoked',
          would: `The privilege(s): ${given} are set to be revoked from ${wanted.name}`,
          done: `The privilege(s): ${given} have been revoked from ${wanted.name}`,
        }
  if (to.length === 0) return inSync(comments.still)
  const changes: Plain = { [wanted.name]: verb === 'present' ? 'Present' : 'Absent' }
  return drift(changes, comments, async (act) => {
    await server.change(act, ['BEGIN;', ...to, 'COMMIT;'].join('\n'), [
      server.step(['BEGIN;', ...back, 'COMMIT;'].join('\n')),
    ])
  })
}

const present = stateFunction({
  summary: 'Makes sure that a role may do something with an object, or is a member of a group.',
  args: presentArgs,
  examples: [
    'readers on orders:\n  postgres_privileges.present:\n    - name: readers\n    - object_name: orders\n    - object_type: table\n    - privileges: [SELECT]\n    - prepend: sales\n    - maintenance_db: shop\n',
    'anna reads:\n  postgres_privileges.present:\n    - name: anna\n    - object_name: readers\n    - object_type: group\n',
  ],
  refuse,
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, (server) => decide(wanted, 'present', server, run)),
})

const absent = stateFunction({
  summary: 'Makes sure that a role may not do something with an object, or is no member of a group.',
  args: absentArgs,
  examples: [
    'nobody makes tables:\n  postgres_privileges.absent:\n    - name: public\n    - object_name: public\n    - object_type: schema\n    - privileges: [CREATE]\n    - maintenance_db: shop\n',
  ],
  refuse,
  check: (wanted, look, run) =>
    onPostgres(wanted, look, run, (server) => decide(wanted, 'absent', server, run)),
})

export const postgresPrivileges = stateModule({
  summary: 'What roles of PostgreSQL may do.',
  functions: { present, absent },
})
