/** Execution module `pkg`: look at and handle packages by hand. */
import { execModule } from '../contract.ts'
import { changeFunctions } from './change.ts'
import { factFunctions } from './facts.ts'
import { lookFunctions } from './look.ts'
import { repositoryFunctions } from './repositories.ts'
import { upgradeFunctions } from './upgrade.ts'

export const pkgModule = execModule({
  summary: 'Packages of the operating system.',
  functions: {
    ...lookFunctions,
    ...factFunctions,
    ...changeFunctions,
    ...upgradeFunctions,
    ...repositoryFunctions,
  },
})
