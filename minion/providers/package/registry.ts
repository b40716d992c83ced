/** Every package provider. The architecture test compares this list with the folder. */
import type { PackageProvider } from '../provider.ts'
import { apt } from './apt/provider.ts'

export const packageProviders: readonly PackageProvider[] = [apt]
