/** Calls of firewall-cmd: what a zone or a service holds permanently. */
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'
import { requireProgram } from '../required-program.ts'
import { saidBy } from '../said-by.ts'
import type { Step } from '../steps.ts'

export const permanent = (...words: readonly string[]): string[] => ['firewall-cmd', '--permanent', ...words]
export const reload: readonly string[] = ['firewall-cmd', '--reload']

/** @returns what it printed, or a decision where it cannot be asked */
export async function ask(argv: readonly string[], look: Reader, run: StateRun): Promise<string | Decision> {
  const lacking = await requireProgram({ program: 'firewall-cmd', package: 'firewalld' }, look, run)
  if (lacking) return lacking
  const result = await look.commands.query(argv)
  if (result.code === 0) return result.stdout
  const complaint = saidBy(result)
  const starter =
    run.test && run.predicted.find(({ state }) => ['service', 'pkg', 'cmd', 'firewalld'].includes(state))
  if (starter)
    return unknown(
      `firewalld says "${complaint}"; ${starter.state}.${starter.fun} ${starter.id} may change that`,
    )
  return failed(`firewalld says: ${complaint}`, 'Is it running (service.running: firewalld)?')
}

export const wordsOf = (printed: string): string[] => printed.split(/\s+/).filter((word) => word !== '')

/** The undo runs from the last step to the first, so the first one's ends with the reload. */
export function withReload(steps: readonly Step[]): Step[] {
  const again = { argv: reload }
  return [
    ...steps.map((step, index) => (index === 0 ? { ...step, undo: [...(step.undo ?? []), again] } : step)),
    { argv: reload, undo: [] },
  ]
}

/** An addition with its removal, or the other way round. */
export function switched(
  way: 'add' | 'remove',
  option: string,
  value: string,
  ...place: readonly string[]
): Step {
  const back = way === 'add' ? 'remove' : 'add'
  const flag = (verb: string): string =>
    value === '' ? `--${verb}-${option}` : `--${verb}-${option}=${value}`
  return { argv: permanent(...place, flag(way)), undo: [{ argv: permanent(...place, flag(back)) }] }
}
