/** Jobs in a few words. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import type { Value } from '../../shared/data/value.ts'
import { pythonRepr } from '../../shared/output/python-text.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import { callsOf, type FunctionCall } from '../../shared/several-functions.ts'
import type { JobAccount, JobMetadata, Target } from '../api/schemas.ts'

/** `state.apply nginx test=True`, and of several functions `cmd.run,test.ping uptime ,` */
export function commandWords(job: Pick<JobAccount, 'fun' | 'args' | 'kwargs'>): string {
  const calls = callsOf(job) ?? [job]
  const words = calls.flatMap((call, index) =>
    index === 0 ? argumentWords(call) : [',', ...argumentWords(call)],
  )
  const some = words.some((word) => word !== ',')
  return harmlessLine([job.fun, ...(some ? words : [])].join(' '))
}

function argumentWords({ args, kwargs }: Pick<FunctionCall, 'args' | 'kwargs'>): string[] {
  const word = (json: Json): string => (typeof json === 'string' ? json : pythonRepr(decodeValue(json)))
  return [...args.map(word), ...Object.entries(kwargs).map(([key, json]) => `${key}=${word(json)}`)]
}

export const metadataOf = (metadata: JobMetadata): ReadonlyMap<string, Value> =>
  new Map(Object.entries(metadata).map(([key, each]) => [key, decodeValue(each)]))

/** What a document says of a job first. */
export const jobFields = (job: Omit<JobAccount, 'targets' | 'expires'>) => ({
  jid: job.jid,
  fun: job.fun,
  arguments: job.args.map((each) => decodeValue(each)),
  keywords: new Map(Object.entries(job.kwargs).map(([key, each]) => [key, decodeValue(each)])),
  target: job.target.expression,
  target_kind: job.target.kind,
  ...(job.metadata === undefined ? {} : { metadata: metadataOf(job.metadata) }),
  user: job.operator,
  submitted: new Date(job.submitted).toISOString(),
})

/** `'web*'`, `-G 'os:Debian'`; a long list of ids is cut. */
export function targetText({ kind, expression }: Target): string {
  const flag = flags[kind]
  const shown = expression.length > longest ? `${expression.slice(0, longest)}…` : expression
  return harmlessLine(`${flag === undefined ? '' : `${flag} `}'${shown}'`)
}

const longest = 60
const flags: Readonly<Record<string, string>> = {
  list: '-L',
  pcre: '-E',
  grain: '-G',
  grain_pcre: '-P',
  pillar: '-I',
  pillar_pcre: '-J',
  ipcidr: '-S',
  nodegroup: '-N',
  compound: '-C',
}

/** What counts are called that have another name inside. */
const words: Readonly<Record<string, string>> = {
  waiting: 'offline',
  held: 'to come',
  timeout: 'timed out',
  silent: 'silent',
}
/** In the order in which they are shown: what is done, what goes on, what went wrong last. */
const order = [
  'ok',
  'running',
  'queued',
  'delivered',
  'sent',
  'held',
  'waiting',
  'lost',
  'expired',
  'cancelled',
  'interrupted',
  'timeout',
  'failed',
]

/** `310 ok, 150 running, 2 failed`, as parts. */
export function countParts(
  counts: Readonly<Record<string, number>>,
): { readonly word: string; readonly text: string }[] {
  const place = (word: string): number => (order.includes(word) ? order.indexOf(word) : order.length)
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .sort(([a], [b]) => place(a) - place(b))
    .map(([word, number]) => ({ word, text: `${number} ${words[word] ?? word}` }))
}

/** `queued behind jid … (state.highstate, state 41 of 120, about 20 s left), 2 before it` */
export function queueWords(queue: NonNullable<JobProgress['queue']>): string {
  const { ahead, behind, fun, index, total, left } = queue
  const about = [
    ...(fun === undefined ? [] : [harmlessLine(fun)]),
    ...(index === undefined || total === undefined ? [] : [`state ${index} of ${total}`]),
    ...(left === undefined ? [] : [`about ${secondsWords(left)} left`]),
  ]
  const details = about.length === 0 ? '' : ` (${about.join(', ')})`
  const others = ahead > 1 ? `, ${ahead} ahead` : ''
  const joined = queue.with === undefined ? '' : `, as one run with jid ${queue.with}`
  return `queued behind jid ${behind}${details}${others}${joined}`
}

/** Whole seconds: an estimate is not exact. @param milliseconds */
export function secondsWords(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
