/** What functions of SELinux share: names of its things, and a machine that has it. */
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'

export const word = shaped<string>({
  words: 'name',
  json: { type: 'string', minLength: 1 },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9_][\w.:,-]*$/.test(read)
      ? read
      : new Mismatch(`a name is expected, not ${describeValue(value)}`)
  },
})

/** A machine without SELinux is told as such; a dry run may come before the package with the programs. */
export async function requires(program: string, look: Reader, run: StateRun): Promise<Decision | undefined> {
  if ((await look.commands.which(program)) !== undefined) return undefined
  const bringer = run.test && run.predicted.find(({ state }) => state === 'pkg' || state === 'cmd')
  if (bringer)
    return unknown(
      `${program} is not installed yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`,
    )
  return failed(
    `${program} is not installed, so there is no SELinux here to be set`,
    'Install it in an earlier state (policycoreutils; policycoreutils-python-utils has semanage), or keep this state to machines with SELinux.',
  )
}
