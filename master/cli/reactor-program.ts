/** `tsalt reactor`: what happens on which events, how far the reactor is, and what it would do about one. */
import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { decodeValue, encodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { formatValue, isDocument, type OutputSettings } from '../../shared/output/format.ts'
import { addOutputOptions, newCommand, type OutputOptions, parseWords } from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { addLoginOptions, addReachOptions } from './network-options.ts'
import { type MasterOptions, withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'
import { listText, rehearsalText, statusText } from './reactor-text.ts'

const examples = `
Examples:
  tsalt reactor list                                      what happens on which events
  tsalt reactor status                                    how far it is, and its last mistakes
  tsalt reactor test salt/minion/web1/start '{id: web1}'  what would be done, without doing it
  tsalt reactor test minion/web1/myco/deployed '{version: "1.2"}'
                                                          the same for an event that web1 sends

Exit codes: 0 fine, 1 something of it is wrong, 2 no master, 64 wrong usage.`

const texts: Readonly<Record<string, (answer: Value, settings: OutputSettings) => string>> = {
  list: listText,
  status: statusText,
  test: rehearsalText,
}

export async function runReactor(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt reactor',
    '[options] list | status | test <tag> [data]',
    'The reactor of the master: what happens on which events.',
    console,
  ).argument('[words...]')
  addLoginOptions(addReachOptions(addOutputOptions(command))).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<MasterOptions & OutputOptions>()
  const [verb = 'list', ...rest] = command.args
  const text = Object.hasOwn(texts, verb) ? texts[verb] : undefined
  if (text === undefined) throw wrong(`"${verb}" is nothing that can be asked of the reactor`)
  const call = { fun: `reactor.${verb}`, ...argumentsOf(verb, rest) }
  const { ret, retcode } = await withMaster(options, console, (client) => client.runner(call))
  const settings: OutputSettings = {
    out: options.out,
    stateForm: 'short',
    stateVerbose: true,
    color: options.outFile !== undefined ? options.forceColor : wantsColor(console, options),
    unicode: speaksUnicode(console.env),
    ...(options.outIndent === undefined ? {} : { indent: options.outIndent }),
  }
  const output = openOutput(console, options)
  const answer = decodeValue(ret)
  output.write(isDocument(settings) ? formatValue(answer, settings) : text(answer, settings))
  output.close()
  return retcode === 0 ? exitCodes.ok : 1
}

function argumentsOf(verb: string, rest: readonly string[]) {
  if (verb !== 'test' && rest.length > 0) throw wrong(`"${verb}" takes nothing more`)
  if (verb === 'test' && (rest.length < 1 || rest.length > 2))
    throw wrong('"test" takes a tag and the data of the event')
  const [tag, data] = rest
  const given: Dict | undefined = data === undefined ? undefined : dataOf(data)
  return {
    args: [...(tag === undefined ? [] : [tag]), ...(given === undefined ? [] : [encodeValue(given)])],
    kwargs: {},
  }
}

/** YAML or JSON, as arguments of functions. */
function dataOf(text: string): Dict {
  const { args } = parseArguments([text])
  const [data] = args
  if (isDict(data)) return data
  throw wrong(`the data of an event is a mapping, as '{id: web1}'`)
}

const wrong = (reason: string): TsaltError =>
  new TsaltError('usage-wrong', { reason }, { hint: "tsalt reactor list, status, or: test TAG '{id: web1}'" })
