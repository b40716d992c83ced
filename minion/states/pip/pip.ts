/** pip.*: packages of Python. */
import { stateModule } from '../contract.ts'
import { installed } from './installed.ts'
import { removed } from './removed.ts'
import { uptodate } from './uptodate.ts'

export const pip = stateModule({
  summary: 'Packages of Python.',
  functions: { installed, removed, uptodate },
})
