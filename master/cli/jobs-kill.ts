/** `tsalt jobs kill JID`: ends a job on all its minions, and says what was ended. */
import type { JobId } from '../../shared/ids.ts'
import type { TargetAccount } from '../api/schemas.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { followJob } from './follow-job.ts'
import { endingOf, isFinal } from './job-ledger.ts'
import type { JobsOptions } from './jobs-program.ts'
import type { MasterClient } from './master-client.ts'
import { endedWords, whereIn } from './status-words.ts'

/** Seconds until commands have had KILL (ten after TERM) and their minion has said so. */
const patience = 20
/** Minions that are named one by one. */
const named = 20

export async function killJob(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  jid: JobId,
): Promise<number> {
  const before = await client.job(jid)
  const { told } = await client.kill(jid, options.signal)
  const cancelled = before.targets.filter((target) => !isFinal(target) && !told.includes(target.id)).length
  if (told.length === 0) {
    console.out(cancelled === 0 ? 'No minion runs this job any more.\n' : `${neverRan(cancelled)}\n`)
    return exitCodes.ok
  }
  const minions = told.length === 1 ? '1 minion' : `${told.length} minions`
  const names = told.length > named ? minions : told.join(', ')
  console.out(`Told to end job ${jid}: ${names}\n`)
  if (options.async) return exitCodes.ok
  const wanted = new Set(told)
  const ends: TargetAccount[] = []
  const quiet = () => undefined
  const left = new AbortController()
  const { ledger } = await followJob(
    client,
    jid,
    console,
    {
      opened: quiet,
      progressed: quiet,
      away: quiet,
      returned(target) {
        if (wanted.delete(target.id)) ends.push(target)
        if (wanted.size === 0) left.abort()
      },
    },
    {
      silence: () => options.timeout ?? patience,
      accepted: true,
      enough: left.signal,
      total: patience * 1000,
    },
  )
  for (const target of ends.slice(0, named)) console.out(`${endLine(target)}\n`)
  if (ends.length > named) console.out(`… and ${ends.length - named} more ended.\n`)
  for (const { account } of ledger.targets())
    if (wanted.has(account.id))
      console.err(
        `${account.id}: has not ended yet (${whereIn(account)}). It ends when it can; tsalt jobs show ${jid}\n`,
      )
  return wanted.size === 0 ? exitCodes.ok : exitCodes.failed
}

function endLine(target: TargetAccount): string {
  const ending = endingOf(target)
  const took = target.return ? ` after ${(target.return.duration / 1000).toFixed(1)} s` : ''
  if (ending !== 'cancelled') return `${target.id}: ${ending === 'ok' ? 'was done already' : ending}.`
  const ended = endedWords(target)
  return `${target.id}: cancelled${target.return?.duration ? took : ''}.${ended === '' ? ' No process had to be ended.' : ended}`
}

const neverRan = (count: number): string =>
  `Cancelled on ${count === 1 ? '1 minion' : `${count} minions`} that did not run it: nothing had to be ended.`
