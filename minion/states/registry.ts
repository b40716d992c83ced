/** Every state module by its name in SLS files. A test compares this list with the folder. */
import type { StateModule } from './contract.ts'
import { test } from './test.ts'

export const stateModules: Readonly<Record<string, StateModule>> = {
  test,
}
