/** gem.*: packages of Ruby. */
import { stateModule } from '../contract.ts'
import { installed } from './installed.ts'
import { removed } from './removed.ts'

export const gem = stateModule({ summary: 'Packages of Ruby.', functions: { installed, removed } })
