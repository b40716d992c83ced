/** Every account provider, the first that fits is chosen. The architecture test compares this list with the folder. */
import type { AccountProvider } from '../provider.ts'
import { busybox } from './busybox/provider.ts'
import { shadow } from './shadow/provider.ts'

export const accountProviders: readonly AccountProvider[] = [busybox, shadow]
