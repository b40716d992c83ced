/** Execution module `state`: bring the machine to the state that the tree describes, or show what that would be. */
import { execModule } from '../contract.ts'
import { askedFunctions } from './asked.ts'
import { controlFunctions } from './control.ts'
import { disabledFunctions } from './disabled.ts'
import { runFunctions } from './run.ts'
import { showFunctions } from './show.ts'

export const stateModule = execModule({
  summary: 'Applies states and shows what they compile to.',
  functions: {
    ...runFunctions,
    ...showFunctions,
    ...controlFunctions,
    ...disabledFunctions,
    ...askedFunctions,
  },
})
