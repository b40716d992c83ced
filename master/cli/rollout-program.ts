/** `tsalt rollout`: look at rollouts, and say how they go on. */

import { toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseJobId } from '../../shared/ids.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import type { JobSubmitted } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import { answerSettings } from './answer-settings.ts'
import { addOutputOptions, newCommand, type OutputOptions, parseWords } from './command-line.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import type { MasterClient } from './master-client.ts'
import { addLoginOptions, addReachOptions } from './network-options.ts'
import { type MasterOptions, withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'
import { rolloutRow } from './rollout-words.ts'

const actions = ['pause', 'resume', 'abort', 'retry-failed'] as const
type Action = (typeof actions)[number]

const examples = `
Examples:
  tsalt rollout list
  tsalt rollout status JID
  tsalt rollout pause JID          those under way end, no more are begun
  tsalt rollout resume JID         also after it stopped: the failures so far are forgiven
  tsalt rollout abort JID          it ends; minions whose turn had not come are left alone
  tsalt rollout retry-failed JID   a new one, on those that failed or were offline
  tsalt jobs.attach JID            follow one`

export async function runRollout(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt rollout',
    `list | status <jid> | ${actions.join(' | ')} <jid>`,
    'Rollouts are jobs whose minions have their turn one after the other; the master runs them.',
    console,
  ).argument('[words...]')
  addLoginOptions(addReachOptions(addOutputOptions(command))).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<MasterOptions & OutputOptions>()
  const [verb = 'list', jid, ...more] = command.args
  if (verb !== 'list' && verb !== 'status' && !isAction(verb)) throw wrong(`There is no "rollout ${verb}"`)
  if (more.length > 0 || (verb === 'list') !== (jid === undefined))
    throw wrong(verb === 'list' ? '"list" takes nothing more' : `"${verb}" takes one job id`)
  return withMaster(options, console, (client) => act(client, console, options, verb, jid))
}

async function act(
  client: MasterClient,
  console: Console,
  options: OutputOptions,
  verb: string,
  jid: string | undefined,
): Promise<number> {
  if (verb === 'list' || verb === 'status') {
    const found =
      jid === undefined
        ? await client.get<RolloutAccount[]>('/rollouts')
        : [await client.get<RolloutAccount>(`/rollouts/${parseJobId(jid)}`)]
    show(console, options, found)
    return exitCodes.ok
  }
  if (!isAction(verb)) throw wrong(`"${verb}" is nothing that can be done with a rollout`)
  const answer = await client.post<RolloutAccount | JobSubmitted>(`/rollouts/${parseJobId(jid ?? '')}`, {
    action: verb,
  })
  if ('state' in answer) show(console, options, [answer])
  else
    console.out(
      `Rollout ${answer.jid} begins on ${answer.targets.join(', ')}. Follow it: tsalt jobs.attach ${answer.jid}\n`,
    )
  return exitCodes.ok
}

const isAction = (verb: string): verb is Action => (actions as readonly string[]).includes(verb)

const wrong = (reason: string): TsaltError =>
  new TsaltError(
    'usage-wrong',
    { reason },
    { hint: `tsalt rollout list, or: status, ${actions.join(', ')} with a job id` },
  )

function show(console: Console, options: OutputOptions, rollouts: readonly RolloutAccount[]): void {
  const settings = answerSettings(console, options)
  const output = openOutput(console, options)
  if (isDocument(settings))
    output.write(formatValue(toValue(rollouts.map((each) => ({ ...each }))), settings))
  else for (const rollout of rollouts) output.write(`${rolloutRow(rollout)}\n`)
  output.close()
}
