/** Every account provider. The architecture test compares this list with the folder. */
import type { AccountProvider } from '../provider.ts'
import { shadow } from './shadow/provider.ts'

export const accountProviders: readonly AccountProvider[] = [shadow]
