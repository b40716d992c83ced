/** npm.*: packages of Node.js. */
import { stateModule } from '../contract.ts'
import { bootstrap } from './bootstrap.ts'
import { installed } from './installed.ts'
import { removed } from './removed.ts'

export const npm = stateModule({
  summary: 'Packages of Node.js.',
  functions: { installed, removed, bootstrap },
})
