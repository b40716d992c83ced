/** Every service provider. The architecture test compares this list with the folder. */
import type { ServiceProvider } from '../provider.ts'
import { systemd } from './systemd/provider.ts'

export const serviceProviders: readonly ServiceProvider[] = [systemd]
