/** at.*: jobs that run once. */
import { stateModule } from '../contract.ts'
import { absent } from './absent.ts'
import { present, watch } from './present.ts'

export const at = stateModule({ summary: 'Jobs that run once.', functions: { present, absent, watch } })
