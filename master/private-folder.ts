/** Folders of the master's own: 0700, below parents that others may pass through. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** An existing folder stays as it is; whoever keeps secrets in it checks its mode. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}
