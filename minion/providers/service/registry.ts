/** Every service provider, the first that fits is chosen. The architecture test compares this list with the folder. */
import type { ServiceProvider } from '../provider.ts'
import { openrc } from './openrc/provider.ts'
import { systemd } from './systemd/provider.ts'
import { sysv } from './sysv/provider.ts'

export const serviceProviders: readonly ServiceProvider[] = [openrc, sysv, systemd]
