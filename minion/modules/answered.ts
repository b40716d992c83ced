/** What a program printed, or why it failed. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { CommandOptions, Reader } from '../system/reader.ts'

/** @throws TsaltError `function-failed` with the program's own words */
export async function answered(
  fun: string,
  argv: readonly string[],
  look: Reader,
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await look.commands.query(argv, options)
  if (code === 0) return stdout
  throw new TsaltError('function-failed', {
    fun,
    reason: (stderr || stdout).trim() || `it ended with ${code}`,
  })
}
