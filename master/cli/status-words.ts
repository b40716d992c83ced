/** One named status for each target that has not returned: what is known, since when, and what happens next. */
import { durationWords, localTime } from '../../shared/output/durations.ts'
import type { AbsentHost } from '../../shared/output/short.ts'
import { harmless, harmlessLine } from '../../shared/output/terminal-text.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import { endingOf } from './job-ledger.ts'
import { queueWords } from './job-words.ts'

/** @param silence seconds that the user waited, undefined where nobody waits; `now` wall time in milliseconds */
export function absentHost(
  account: TargetAccount,
  job: JobAccount | undefined,
  now: number,
  silence: number | undefined,
  isRollout = false,
): AbsentHost {
  if (isRollout && account.status === 'expired')
    return { id: account.id, status: 'offline', text: passedOver(account) }
  const ending = endingOf(account)
  const words = {
    held,
    offline,
    lost,
    expired,
    silent,
    interrupted,
    cancelled,
    timeout,
    failed: unfinished,
    ok: unfinished,
  }[ending]
  const status =
    { silent: silence === undefined ? 'under way' : 'did not answer', ok: 'returned', timeout: 'timed out' }[
      ending as string
    ] ?? ending
  const text = words(account, job, now, silence)
  const said = afterThat(account.return?.ret, text)
  return { id: account.id, status, text: said === '' ? text : `${text}\n${harmless(said)}` }
}

/** What a minion said beyond the sentence that is shown already. */
function afterThat(ret: unknown, text: string): string {
  if (typeof ret !== 'string') return ''
  const known = /^Ended after \d+ s: it was not to run longer\./.exec(ret)
  if (known !== null) return ret.slice(known[0].length).trimStart()
  const [sentence = ''] = /^[^.\n]*\./.exec(text) ?? []
  return sentence !== '' && ret.startsWith(sentence) ? ret.slice(sentence.length).trimStart() : ret
}

type Words = (
  account: TargetAccount,
  job: JobAccount | undefined,
  now: number,
  silence: number | undefined,
) => string

const held: Words = () => 'Its turn did not come: nothing was run on it.'

const offline: Words = (account, job, now) => {
  const { lastSeen } = account
  const since = lastSeen
    ? `Offline since ${localTime(lastSeen)} (${ago(now - lastSeen)}).`
    : 'Offline; was never connected.'
  if (!job || job.expires <= now) return since
  return `${since} The job waits for it until ${localTime(job.expires)}.`
}

const lost: Words = (account, job) =>
  `Lost connection ${whereIn(account)} at ${localTime(account.since)}. It will report when it is back.${
    job ? `\nLook then with: tsalt jobs show ${job.jid}` : ''
  }`

const expired: Words = (account) =>
  `Expired: it was offline${account.lastSeen ? ` since ${localTime(account.lastSeen)}` : ''} and the job was given up at ${localTime(account.since)}. Nothing was run on it.`

const passedOver = ({ lastSeen, since }: TargetAccount): string =>
  `Offline${lastSeen ? ` since ${localTime(lastSeen)}` : ''}: passed over when its turn came, at ${localTime(since)}. Nothing was run on it.`

const silent: Words = (account, job, _now, silence) =>
  silence === undefined
    ? underWay(account)
    : `Did not answer in ${silence} s of silence (${whereIn(account)}). The job goes on.${
        job ? `\nAttach again: tsalt jobs attach ${job.jid}` : ''
      }`

/** `Running state 41 of 120 (pkg.installed nginx).` */
function underWay(account: TargetAccount): string {
  const { progress, status } = account
  if (progress?.phase === 'queued' && progress.queue) return sentence(queueWords(progress.queue))
  return sentence(status === 'running' ? whereIn(account).replace(/^while /, '') : whereIn(account))
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

/** The minion says so itself, with more of it, where it came back. */
const interrupted: Words = (account) =>
  typeof account.return?.ret === 'string' && account.return.ret !== ''
    ? 'Interrupted.'
    : 'Interrupted: the minion ended while it ran this job. What it had begun may be half done; it is not run again by itself.'

const cancelled: Words = (account, job) => `Cancelled by an operator.${endedWords(account, isFew(job))}`
const timeout: Words = (account, job) =>
  `Ran longer than ${job?.maxSeconds === undefined ? 'it was to' : `${job.maxSeconds} s`}, and was ended.${endedWords(account, isFew(job))}`

/** Of many minions only the names of processes are told, so that those where it is the same stand together. */
const isFew = (job: JobAccount | undefined): boolean => (job?.targets.length ?? 0) <= 10
const unfinished: Words = () => 'Returned nothing.'

/** ` Ended: sh (pid 812), sleep (pid 813, by KILL).`: the processes that the minion ended for it. */
export function endedWords({ return: returned }: TargetAccount, exact = true): string {
  const processes = returned?.ended ?? []
  if (processes.length === 0) return ''
  if (!exact)
    return ` Ended: ${[...new Set(processes.map(({ name }) => harmlessLine(name)))].sort().join(', ')}.`
  const shown = processes
    .slice(0, shownProcesses)
    .map(
      ({ pid, name, signal }) => `${harmlessLine(name)} (pid ${pid}${signal === 'KILL' ? ', by KILL' : ''})`,
    )
  const more = processes.length > shown.length ? ` and ${processes.length - shown.length} more` : ''
  return ` Ended: ${shown.join(', ')}${more}.`
}

const shownProcesses = 8

/** `while running state 41 of 120 (pkg.installed nginx)` */
export function whereIn(account: TargetAccount): string {
  const { progress } = account
  if (progress?.step) {
    const { index, total, fun, id } = progress.step
    return `while running state ${index} of ${total} (${harmlessLine(`${fun} ${id}`)})`
  }
  if (progress?.phase === 'queued' || account.status === 'queued')
    return progress?.queue ? `while ${queueWords(progress.queue)}` : 'while queued'
  if (progress?.phase === 'preparing') return 'while preparing'
  return (
    {
      sent: 'sent, but not acknowledged',
      delivered: 'delivered, but not started',
      lost: 'after the job was delivered',
      running: 'while running',
    }[account.status as string] ?? account.status
  )
}

const ago = (milliseconds: number): string =>
  milliseconds < 86_400_000
    ? `${durationWords(Math.max(0, milliseconds))} ago`
    : `${Math.floor(milliseconds / 86_400_000)} days ago`
