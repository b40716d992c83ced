/** cron.*: jobs that run at given times. */
import { stateModule } from '../contract.ts'
import { envAbsent, envPresent } from './environment.ts'
import { file } from './file.ts'
import { absent, present } from './present.ts'

export const cron = stateModule({
  summary: 'Jobs that run at given times.',
  functions: { present, absent, env_present: envPresent, env_absent: envAbsent, file },
})
