/** Every package provider; the first that fits is taken. A test compares this list with the folder. */
import type { PackageProvider } from '../provider.ts'
import { apk } from './apk/provider.ts'
import { apt } from './apt/provider.ts'
import { dnf } from './dnf/provider.ts'
import { pacman } from './pacman/provider.ts'
import { yum } from './yum/provider.ts'
import { zypper } from './zypper/provider.ts'

export const packageProviders: readonly PackageProvider[] = [apt, yum, dnf, zypper, pacman, apk]
