/** A command whose output is a part of a pillar. */
import { SourceTrouble } from '../pillar/machine.ts'
import { type GroupResult, runGroup } from '../process-group.ts'
import { childEnvironment } from './child-environment.ts'

export const longestAnswer = 8 * 1024 * 1024
const longestComplaint = 300

/** @throws SourceTrouble */
export async function runSource(command: string | readonly string[], seconds: number): Promise<string> {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const program = typeof command === 'string' ? 'the command' : (argv[0] ?? '')
  let result: GroupResult
  try {
    const limits = { maxOutput: longestAnswer, timeout: seconds * 1000, killAfter: 2_000 }
    result = await runGroup(argv, { cwd: '/', env: childEnvironment, ...limits })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SourceTrouble(code === 'ENOENT' ? `there is no program ${program}` : `${program}: ${code}`)
  }
  const { code, stdout, stderr, timedOut, dropped } = result
  if (timedOut) throw new SourceTrouble(`${program} did not end within ${seconds} s`)
  if (dropped > 0) throw new SourceTrouble(`${program} said more than ${longestAnswer} bytes`)
  if (code === 0) return stdout
  const said = stderr.trim().slice(0, longestComplaint)
  throw new SourceTrouble(`${program} ended with ${code}${said === '' ? '' : `: ${said.replace(/\.$/, '')}`}`)
}
