/** virtualenv.*: virtual environments of Python. */
import { stateModule } from '../contract.ts'
import { managed } from './managed.ts'

export const virtualenv = stateModule({ summary: 'Virtual environments of Python.', functions: { managed } })
