/** Execution module `mysql`: a MySQL or MariaDB server. */
import { execModule } from '../contract.ts'
import { changeFunctions } from './changes.ts'
import { listFunctions } from './lists.ts'

export const mysqlModule = execModule({
  summary: 'Databases, users and queries of a MySQL or MariaDB server.',
  functions: { ...listFunctions, ...changeFunctions },
})
