/** cmd.*: commands. */
import { stateModule } from '../contract.ts'
import { run, wait, watch } from './run.ts'
import { script, waitScript } from './script.ts'

export const cmd = stateModule({
  summary: 'Commands.',
  functions: { run, wait, watch, script, wait_script: waitScript },
})
