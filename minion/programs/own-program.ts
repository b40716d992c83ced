/** Programs that run as this minion: nobody else may be able to change them. */
import { lstatSync } from 'node:fs'

const othersMayWrite = 0o022

/** @throws Error that says which command mends it */
export function requireOwnProgram(path: string): void {
  const { uid, mode } = lstatSync(path)
  if ((mode & othersMayWrite) !== 0 || (uid !== 0 && uid !== process.getuid?.()))
    throw new Error(`others may write it; run: chown root ${path}; chmod go-w ${path}`)
}
