/** What all functions of debconf share: compare answers with the database, and set those that differ. */
import type { Plain } from '../../../shared/data/value.ts'
import {
  type DebconfAnswer,
  debconfQuestions,
  isAnswered,
  parseSelections,
  setAnswers,
} from '../../installers/debconf.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, failed, inSync, type StateRun } from '../contract.ts'

const shown = ({ type, value }: DebconfAnswer): string => (type === 'password' ? '(password hidden)' : value)

export async function decideAnswers(
  answers: readonly DebconfAnswer[],
  comments: { readonly would: string; readonly done: string },
  look: Reader,
): Promise<Decision> {
  const family = String(look.grains.get('os_family') ?? 'Debian')
  if (family !== 'Debian')
    return failed(`debconf is of Debian and its relatives; this system is of the family ${family}`)
  const known = await debconfQuestions(look)
  const open = answers.filter((one) => !isAnswered(one, known))
  if (open.length === 0) return inSync('All specified answers are already set')
  const changes: Record<string, Plain> = Object.fromEntries(
    open.map((one) => [one.type === 'seen' ? `${one.question} (seen)` : one.question, shown(one)]),
  )
  return drift(changes, comments, async (act): Promise<Applied | undefined> => {
    const complaint = await setAnswers(open, known, act)
    return complaint === undefined
      ? undefined
      : { ok: false, comment: `Some settings failed to be applied: ${complaint}` }
  })
}

/**
 * For packages that ask while they are installed.
 * @param source as debconf.set_file takes it; absent: nothing is answered
 * @returns what is wrong with the answers
 */
export async function answerQuestions(
  source: string | undefined,
  run: StateRun,
  act: Changer,
): Promise<string | undefined> {
  if (source === undefined) return undefined
  const { content } = await act.look.sources.fetch(source, run.environment)
  const answers = parseSelections(Buffer.from(content).toString('utf8'))
  if (typeof answers === 'string') return `${source}: not every line is an answer for debconf`
  const known = await debconfQuestions(act.look)
  const open = answers.filter((one) => !isAnswered(one, known))
  return open.length === 0 ? undefined : setAnswers(open, known, act)
}
