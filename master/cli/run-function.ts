/** `tsalt '*' module.function …`: types the words, submits the job and follows it. */

import * as v from 'valibot'
import type { Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseJobId } from '../../shared/ids.ts'
import { localTime } from '../../shared/output/durations.ts'
import { formatValue } from '../../shared/output/format.ts'
import { maxSeconds } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobMetadata, JobSubmission } from '../api/schemas.ts'
import { splitWords } from './command-words.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { followAndReport, logLine, outputSettings, statusOf } from './job-session.ts'
import type { MasterClient } from './master-client.ts'
import { MasterRefusal } from './master-refusal.ts'
import { openOutput } from './output-file.ts'
import { rolloutWish } from './rollout-options.ts'
import { submitJob } from './submit-job.ts'
import { type TsaltOptions, targetKindOf, targetOf } from './tsalt-options.ts'
import { typedCall } from './typed-call.ts'

export async function runFunction(
  client: MasterClient,
  console: Console,
  options: TsaltOptions,
  words: readonly string[],
): Promise<number> {
  if (options.previewTarget) return previewTarget(client, console, options, words)
  const { target, fun, rest } = splitWords(docWords(options, words), targetKindOf(options) !== undefined)
  const { call, dryRun } = typedCall(fun, rest, options)
  const submission: JobSubmission = {
    ...(target === undefined ? {} : { target: targetOf(target, options) }),
    ...call,
    ...(options.jid === undefined ? {} : { jid: parseJobId(options.jid) }),
    ...(options.expiry === undefined ? {} : { expirySeconds: options.expiry }),
    ...(options.metadata === undefined ? {} : { metadata: await metadataOf(options.metadata) }),
    ...(options.subset === undefined ? {} : { subset: options.subset }),
    ...(options.maxTime === undefined ? {} : { maxSeconds: longestTime(options.maxTime) }),
  }
  const rollout = await rolloutWish(options, () => countOf(client, submission))
  if (rollout !== undefined) submission.rollout = rollout
  logLine(console, options, 'debug', `POST /jobs on ${client.where}: ${JSON.stringify(submission)}`)
  const began = console.clock.monotonic()
  // Asked at the same time: it says how long to wait and how states are shown.
  const asked = statusOf(client)
  const submitted = await submit(client, console, submission)
  if (submitted === undefined) return exitCodes.noReturn
  const { jid, defaulted, targets } = submitted
  logLine(console, options, 'info', `job ${jid}: ${fun} on ${targets.length} minions`)
  if (options.async) {
    console.out(`Executed command with job ID: ${jid}\n`)
    return exitCodes.ok
  }
  if (options.verbose) console.err(`Executing job with jid ${jid}\n${'-'.repeat(43)}\n\n`)
  else if (options.showJid) console.err(`jid: ${jid}\n`)
  const start = { jid, fun, defaulted, began, dryRun, announce: false }
  return followAndReport(client, console, options, start, await asked)
}

/** Few commands have some, and the schemas of the API take their time. @throws TsaltError `usage-wrong` */
async function metadataOf(word: string): Promise<JobMetadata> {
  return (await import('./typed-metadata.ts')).typedMetadata(word)
}

/** @throws TsaltError `usage-wrong` */
function longestTime(given: number): number {
  const parsed = v.safeParse(maxSeconds, given)
  if (parsed.success) return parsed.output
  throw new TsaltError('usage-wrong', { reason: '--max-time is between 1 second and 24 days' })
}

async function countOf(client: MasterClient, { target }: JobSubmission): Promise<number> {
  const wanted = target ?? { kind: 'glob', expression: (await client.status()).defaultTarget ?? '' }
  return (await client.targets(wanted)).targets.length
}

/** undefined, after the message, where no minion matches. */
async function submit(
  client: MasterClient,
  console: Console,
  submission: JobSubmission,
): Promise<Awaited<ReturnType<MasterClient['submit']>> | undefined> {
  try {
    return await submitJob(client, console, submission)
  } catch (error) {
    if (!(error instanceof MasterRefusal) || error.code !== 'target-empty') throw error
    console.err(`ERROR: No return received\n${error.message}\n`)
    return undefined
  }
}

/** `-d` puts sys.doc before the names of functions: `tsalt '*' -d test.ping`, `tsalt -d test`. */
function docWords(options: TsaltOptions, words: readonly string[]): readonly string[] {
  if (!options.doc) return words
  const [first, ...rest] = words
  if (first === undefined) return ['sys.doc']
  const isTarget = targetKindOf(options) !== undefined || rest.length > 0 || /[*?[]/.test(first)
  return isTarget ? [first, 'sys.doc', ...rest] : ['sys.doc', first]
}

async function previewTarget(
  client: MasterClient,
  console: Console,
  options: TsaltOptions,
  words: readonly string[],
): Promise<number> {
  const [expression = '*'] = words
  if (options.subset !== undefined)
    throw new TsaltError('usage-wrong', {
      reason: '--subset is drawn when the function runs: --preview-target can tell all of them only',
    })
  const { targets } = await client.targets(targetOf(expression, options))
  const settings = outputSettings(options, {}, console)
  const output = openOutput(console, options)
  const ids: Value = targets.map(({ id }) => id)
  output.write(formatValue(ids, settings))
  output.close()
  for (const { id, connected, lastSeen } of targets) {
    if (connected) continue
    console.err(
      `${id} is offline${lastSeen ? ` since ${localTime(lastSeen)}` : '; it was never connected'}\n`,
    )
  }
  return targets.length === 0 ? exitCodes.noReturn : exitCodes.ok
}
