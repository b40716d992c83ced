/** The error of a package manager whose words have no family of their own (pacman, apk). */
import { TsaltError } from '../../../shared/errors/error.ts'
import type { CommandResult } from '../../system/reader.ts'

const lastLines = 30

/**
 * @param provider its id and program
 * @param shown how the command is called in the error
 */
export function checkedResult(provider: string, shown: string, result: CommandResult): CommandResult {
  if (result.code === 127)
    throw new TsaltError('provider-command-missing', { kind: 'package', provider, command: provider })
  if (result.code === 0 && !result.timedOut) return result
  const said = `${result.stderr}\n${result.stdout}`
  if (/unable to lock database|Unable to lock database/.test(said))
    throw new TsaltError('package-database-locked', { holder: 'another program' })
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  throw new TsaltError('package-failed', {
    manager: shown,
    code: result.timedOut ? 'timed out' : result.code,
    reason: lines.length === 0 ? 'it said nothing' : lines.slice(-lastLines).join('\n'),
  })
}
