/** network.*: how the machine is known, and its interfaces. */
import { stateModule } from '../contract.ts'
import { system } from './system.ts'

export const network = stateModule({ summary: 'Name and network of the machine.', functions: { system } })
