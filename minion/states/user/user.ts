/** user.*: users of the machine. */
import { stateModule } from '../contract.ts'
import { absent } from './absent.ts'
import { present } from './present.ts'

export const user = stateModule({ summary: 'Users of the machine.', functions: { present, absent } })
