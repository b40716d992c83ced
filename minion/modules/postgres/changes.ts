/** Functions of `postgres` that change something: each does what its state does. */
import * as v from 'valibot'
import type { StateModule } from '../../states/contract.ts'
import { postgresDatabase } from '../../states/postgres-database.ts'
import { postgresExtension } from '../../states/postgres-extension.ts'
import { postgresGroup } from '../../states/postgres-group.ts'
import { postgresPrivileges } from '../../states/postgres-privileges.ts'
import { postgresSchema } from '../../states/postgres-schema.ts'
import { postgresTablespace } from '../../states/postgres-tablespace.ts'
import { postgresUser } from '../../states/postgres-user.ts'
import { type ArgumentSchema, type ExecFunction, execFunction } from '../contract.ts'
import { applyState } from '../state-call.ts'
import { callerEntries, callerOf, type GivenCaller } from './caller.ts'

interface Change {
  readonly module: StateModule
  readonly fun: 'present' | 'absent'
  readonly summary: string
  readonly example: string
  /** Argument here → argument of the state, where they differ. */
  readonly renamed?: Readonly<Record<string, string>>
}

/** Of the connection, as states name it. */
const ofStates = new Set(['user', 'maintenance_db', 'db_user', 'db_password', 'db_host', 'db_port'])

/** The arguments of the state, with the connection as functions name it, in Salt's order: what it is about first. */
function schemaOf({ module, fun, renamed = {} }: Change): ArgumentSchema {
  const { entries } = (module.functions[fun] as { args: ArgumentSchema }).args
  const back = new Map(Object.entries(renamed).map(([here, there]) => [there, here]))
  const own = Object.entries(entries)
    .filter(([name]) => !ofStates.has(name))
    .map(([name, schema]) => [back.get(name) ?? name, schema])
  return v.strictObject({ ...Object.fromEntries(own), ...callerEntries })
}

function change(name: string, definition: Change): Record<string, ExecFunction> {
  const { module, fun, summary, example, renamed = {} } = definition
  return {
    [name]: execFunction({
      summary,
      args: schemaOf(definition),
      examples: [`tsalt db1 postgres.${name} ${example}`],
      readOnly: false,
      async run(args, context) {
        const own = Object.entries(args as Record<string, unknown>)
          .filter(([key]) => !Object.hasOwn(callerEntries, key))
          .map(([key, value]) => [renamed[key] ?? key, value])
        const caller = callerOf(args as GivenCaller)
        const { maintenance_db: _database, ...withoutDatabase } = caller
        const of = Object.hasOwn(stateEntries(definition), 'maintenance_db') ? caller : withoutDatabase
        const state = module.functions[fun]
        if (!state) throw new RangeError(`no ${fun}`)
        return applyState(`postgres.${name}`, state, { ...Object.fromEntries(own), ...of }, context)
      },
    }),
  }
}

const stateEntries = ({ module, fun }: Change): object =>
  (module.functions[fun] as { args: ArgumentSchema }).args.entries

const role = { username: 'name', rolepassword: 'password' }
const group = { groupname: 'name', rolepassword: 'password' }

export const changeFunctions: Readonly<Record<string, ExecFunction>> = {
  ...change('db_create', {
    module: postgresDatabase,
    fun: 'present',
    summary: 'Makes a database, or gives it the owner and tablespace. False: it is so already.',
    example: 'shop owner=shop',
  }),
  ...change('db_remove', {
    module: postgresDatabase,
    fun: 'absent',
    summary: 'Drops a database with all that is in it. False: there is none.',
    example: 'old',
  }),
  ...change('user_create', {
    module: postgresUser,
    fun: 'present',
    summary: 'Makes a role that logs in, or has it as given. False: it is so already.',
    example: 'app rolepassword=change-me',
    renamed: role,
  }),
  ...change('user_update', {
    module: postgresUser,
    fun: 'present',
    summary: 'The same as user_create.',
    example: 'app createdb=True',
    renamed: role,
  }),
  ...change('user_remove', {
    module: postgresUser,
    fun: 'absent',
    summary: 'Drops a role. False: there is none.',
    example: 'olduser',
    renamed: { username: 'name' },
  }),
  ...change('group_create', {
    module: postgresGroup,
    fun: 'present',
    summary: 'Makes a role for others to be members of. False: it is so already.',
    example: 'readers',
    renamed: group,
  }),
  ...change('group_remove', {
    module: postgresGroup,
    fun: 'absent',
    summary: 'Drops such a role. False: there is none.',
    example: 'readers',
    renamed: { groupname: 'name' },
  }),
  ...change('schema_create', {
    module: postgresSchema,
    fun: 'present',
    summary: 'Makes a schema. False: it is there already.',
    example: 'name=sales dbname=shop',
  }),
  ...change('schema_remove', {
    module: postgresSchema,
    fun: 'absent',
    summary: 'Drops an empty schema. False: there is none.',
    example: 'name=sales dbname=shop',
  }),
  ...change('create_extension', {
    module: postgresExtension,
    fun: 'present',
    summary: 'Installs or upgrades an extension of a database. False: it is so already.',
    example: 'pg_trgm maintenance_db=shop',
  }),
  ...change('drop_extension', {
    module: postgresExtension,
    fun: 'absent',
    summary: 'Drops an extension of a database. False: there is none.',
    example: 'pg_trgm maintenance_db=shop',
  }),
  ...change('tablespace_create', {
    module: postgresTablespace,
    fun: 'present',
    summary: 'Makes a tablespace. False: it is there already.',
    example: 'fast /srv/postgresql/fast',
  }),
  ...change('tablespace_remove', {
    module: postgresTablespace,
    fun: 'absent',
    summary: 'Drops an empty tablespace. False: there is none.',
    example: 'fast',
  }),
  ...change('privileges_grant', {
    module: postgresPrivileges,
    fun: 'present',
    summary: 'Lets a role do something with an object. False: it may already.',
    example: 'readers orders table privileges=SELECT maintenance_db=shop',
  }),
  ...change('privileges_revoke', {
    module: postgresPrivileges,
    fun: 'absent',
    summary: 'Has a role not do something with an object. False: it may not already.',
    example: 'readers orders table privileges=SELECT maintenance_db=shop',
  }),
}
