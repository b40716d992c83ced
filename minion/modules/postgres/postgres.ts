/** Execution module `postgres`: a PostgreSQL server. */
import { execModule } from '../contract.ts'
import { changeFunctions } from './changes.ts'
import { listFunctions } from './lists.ts'
import { psqlQuery } from './query.ts'

export const postgresModule = execModule({
  summary: 'Databases, roles and queries of a PostgreSQL server.',
  functions: { ...listFunctions, ...changeFunctions, psql_query: psqlQuery },
})
