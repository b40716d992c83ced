/** A server of databases that cannot be asked. In a dry run an earlier state may bring it, start it, or fill it. */
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Decision, StateRun } from './contract.ts'
import { missingUnlessBrought } from './required-program.ts'

const notThereYet: ReadonlySet<string> = new Set([
  'database-program-missing',
  'database-unreachable',
  'command-user-unknown',
])

/** What brings a server, makes it run, changes whom it lets in, or makes the database that is asked. */
const bringers: ReadonlySet<string> = new Set([
  ...['pkg', 'service', 'cmd', 'file', 'archive', 'docker_container', 'user'],
  ...['postgres_user', 'postgres_database', 'postgres_cluster', 'postgres_initdb'],
  ...['mysql_user', 'mysql_database', 'mysql_grants', 'rabbitmq_user', 'rabbitmq_vhost'],
])

const databaseMakers: ReadonlySet<string> = new Set(['postgres_database', 'mysql_database'])

/** @returns what `decide` does; where the server is not there (yet), that */
export async function withServer(run: StateRun, decide: () => Promise<Decision>): Promise<Decision> {
  try {
    return await decide()
  } catch (error) {
    if (!run.test || !isTsaltError(error) || !notThereYet.has(error.code)) throw error
    const lacking = error.message.replace(/\.$/, '').replace(/ does not exist$/, ' is not there')
    for (const kinds of /database .* is not there$/.test(lacking) ? [databaseMakers, bringers] : [bringers]) {
      const decision = missingUnlessBrought(lacking, error.hint ?? '', kinds, run)
      if (decision.kind === 'unknown') return decision
    }
    throw error
  }
}

/** A role, database or other thing of the server that an earlier state of the dry run may make. */
export const madeEarlier = (kind: 'postgres' | 'mysql' | 'rabbitmq'): ReadonlySet<string> =>
  new Set(['cmd', 'module', 'mysql_query', ...[...databaseStates].filter((name) => name.startsWith(kind))])

const databaseStates: readonly string[] = [
  ...['postgres_user', 'postgres_group', 'postgres_database', 'postgres_schema', 'postgres_extension'],
  ...['postgres_tablespace', 'postgres_language', 'mysql_user', 'mysql_database', 'mysql_grants'],
  ...['rabbitmq_user', 'rabbitmq_vhost', 'rabbitmq_plugin'],
]
