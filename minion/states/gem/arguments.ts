/** Arguments that all functions of gem share. */
import { optional } from '../../../shared/schema/argument.ts'
import { accountName, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { GemCaller } from '../../installers/gem.ts'
import { gemProgram } from '../../installers/gem.ts'
import type { Reader } from '../../system/reader.ts'
import type { Decision, StateRun } from '../contract.ts'
import { toolMissing } from '../tool-missing.ts'

export const callerEntries = {
  gem_bin: optional(nonEmptyText, 'Path of the gem program.'),
  ruby: optional(nonEmptyText, 'Ruby and gemset of RVM: `2.7@app`.'),
  user: optional(accountName, 'User to run gem as. Default: root.'),
  runas: optional(accountName, 'Older name of user.'),
}

export const callerOf = (wanted: GemCaller & { readonly runas?: string }): GemCaller => {
  const user = wanted.user ?? wanted.runas
  return user === undefined ? wanted : { ...wanted, user }
}

/** @returns a decision where there is no gem */
export async function requireGem(
  caller: GemCaller,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  const [program = 'gem'] = gemProgram(caller)
  const isThere = program.startsWith('/')
    ? (await look.files.infoFollowed(program)) !== undefined
    : (await look.commands.which(program)) !== undefined
  if (isThere) return undefined
  return toolMissing(
    `${program} is not installed`,
    'Install it in an earlier state (pkg.installed: ruby or rubygems), and require that.',
    run,
  )
}
