/** Execution module `git`: repositories. */
import { execModule } from '../contract.ts'
import { changes } from './changes.ts'
import { looking } from './looking.ts'

export const gitModule = execModule({
  summary: 'Repositories of git.',
  functions: { ...looking, ...changes },
})
