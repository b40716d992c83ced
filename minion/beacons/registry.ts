/** Every kind of beacon, loaded when one is configured. A new one: its file, its line here; a test compares with the folder. */
import type { BeaconKind } from './contract.ts'

export const beaconKinds: Readonly<Record<string, () => Promise<BeaconKind>>> = {
  diskusage: async () => (await import('./kinds/diskusage.ts')).diskusage,
  inotify: async () => (await import('./kinds/inotify.ts')).inotify,
  load: async () => (await import('./kinds/load.ts')).load,
  log: async () => (await import('./kinds/log.ts')).log,
  memusage: async () => (await import('./kinds/memusage.ts')).memusage,
  ps: async () => (await import('./kinds/ps.ts')).ps,
  service: async () => (await import('./kinds/service.ts')).service,
}
