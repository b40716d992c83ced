/** Arguments that all functions of npm share. */
import { optional } from '../../../shared/schema/argument.ts'
import { environment } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import type { Decision, StateRun } from '../contract.ts'
import { toolMissing } from '../tool-missing.ts'

export const callerEntries = {
  dir: optional(absolutePath, 'Directory of the project. Not given: for all (npm --global).'),
  user: optional(accountName, 'User to run npm as. Default: root.'),
  env: optional(environment, 'Environment variables.'),
  silent: optional(flag, 'Accepted for trees of Salt; what npm prints is kept for errors.'),
}

/** @returns a decision where there is no npm */
export async function requireNpm(look: Reader, run: StateRun): Promise<Decision | undefined> {
  if ((await look.commands.which('npm')) !== undefined) return undefined
  return toolMissing(
    'npm is not installed',
    'Install it in an earlier state (pkg.installed: npm), and require that.',
    run,
  )
}
