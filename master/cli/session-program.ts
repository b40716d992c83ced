/** `tsalt session` (`whoami`): as whom commands act, where, until when, and what may be done. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, toValue } from '../../shared/data/value.ts'
import { durationWords, localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import { answerSettings } from './answer-settings.ts'
import { addOutputOptions, newCommand, type OutputOptions, parseWords } from './command-line.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { addLoginOptions, addReachOptions } from './network-options.ts'
import { type MasterOptions, withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'

interface SessionAnswer {
  readonly name: string
  readonly perms: Json
  /** Milliseconds since the epoch. */
  readonly expire?: number
  readonly see: readonly string[]
}

export async function runSession(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt session',
    '[options]',
    'Tells as whom commands act here, on which master, until when, and what the rules let them do.',
    console,
  ).allowExcessArguments(false)
  addLoginOptions(addReachOptions(addOutputOptions(command)))
  parseWords(command, words)
  const options = command.opts<MasterOptions & OutputOptions>()
  const { where, answer } = await withMaster(options, console, async (client) => ({
    where: client.where,
    answer: await client.get<SessionAnswer>('/session'),
  }))
  const settings = answerSettings(console, options)
  const output = openOutput(console, options)
  const perms = decodeValue(answer.perms)
  if (isDocument(settings)) {
    const { name, expire } = answer
    const until = expire === undefined ? {} : { expire: new Date(expire).toISOString() }
    const data = toValue({ name, master: where, ...until }) as Dict
    data.set('perms', perms)
    data.set('see', [...answer.see])
    output.write(formatValue(data, settings))
  } else {
    const { name, expire } = answer
    const left =
      expire === undefined
        ? ''
        : `, until ${localTime(expire)} (${durationWords(expire - console.clock.now())} left)`
    output.write(`${harmlessLine(name)} at ${where}${left}\n`)
    const rights = toValue(answer.see.length === 0 ? {} : { 'may see': [...answer.see] }) as Dict
    output.write(formatValue(new Map([['may', perms], ...rights]), settings))
  }
  output.close()
  return exitCodes.ok
}
