/** archive.*: contents of archives. */
import { stateModule } from '../contract.ts'
import { extracted } from './extracted.ts'

export const archive = stateModule({ summary: 'Contents of archives.', functions: { extracted } })
