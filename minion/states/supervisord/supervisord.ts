/** supervisord.*: processes that supervisor runs. */
import { stateModule } from '../contract.ts'
import { dead } from './dead.ts'
import { running } from './running.ts'

export const supervisord = stateModule({
  summary: 'Processes that supervisor runs.',
  functions: { running, dead },
})
