/** `tsalt-run module.function [arguments]`: calls a runner on the master and prints what it answers. */

import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { decodeValue, encodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  formatHosts,
  formatValue,
  isDocument,
  type OutputSettings,
  parseStateForm,
} from '../../shared/output/format.ts'
import { stateResults } from '../../shared/output/state-results.ts'
import { addLaterOptions, newCommand, noParseOption, parseWords } from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { statusOf } from './job-session.ts'
import { laterRunOptions } from './later-options.ts'
import type { MasterClient, MasterStatus } from './master-client.ts'
import { addLoginOptions, addReachOptions } from './network-options.ts'
import { type MasterOptions, withMaster } from './open-master.ts'
import { orchestrations, runOrchestration } from './orchestrate-command.ts'
import { openOutput } from './output-file.ts'
import { addReportingOptions, type ReportingOptions, timeoutOption } from './reporting-options.ts'
import { runStateEvent } from './state-event.ts'
import { withInput } from './typed-input.ts'

const examples = `
Examples:
  tsalt-run manage.status               which minions are up, which are down
  tsalt-run jobs.list_jobs              the jobs that are kept
  tsalt-run jobs.lookup_jid JID         what a job returned
  tsalt-run jobs.active                 jobs that still run
  tsalt-run manage.up --out json
  tsalt-run state.orchestrate orch.deploy   several minions in order; test=True only shows
  tsalt-run state.event pretty=True     what happens, until Ctrl-C (tsalt events has more)

Exit codes: 0 fine, 1 the runner failed or does not exist, 2 no master, 64 wrong usage.`

type RunOptions = MasterOptions &
  ReportingOptions & { readonly async: boolean; readonly doc: boolean; readonly noParse?: readonly string[] }

export async function runTsaltRun(given: readonly string[], console: Console): Promise<number> {
  const words = await withInput(given, console)
  const command = newCommand(
    'tsalt-run',
    '[options] <module.function> [arguments] [key=value]',
    'Runs a function of the master itself.',
    console,
  )
    .argument('[words...]')
    .optionsGroup('Waiting:')
    .addOption(timeoutOption())
    .option('--async', 'orchestrations: print the job id and do not wait', false)
  addReportingOptions(command)
    .option('-d, --doc', 'print the documentation of runners', false)
    .optionsGroup('Input:')
    .option('--args-stdin', 'further options and arguments are lines of standard input', false)
    .addOption(noParseOption())
  addLoginOptions(addReachOptions(command)).addHelpText('after', examples)
  addLaterOptions(command, laterRunOptions)
  parseWords(command, words)
  const options = command.opts<RunOptions>()
  const [fun, ...rest] = options.doc ? ['sys.doc', ...command.args] : command.args
  if (fun === undefined || !/^[a-z_]\w*\.[a-z_]\w*$/i.test(fun)) {
    const reason = fun === undefined ? 'A function is missing' : `This is not a function: "${fun}"`
    throw new TsaltError('usage-wrong', { reason }, { hint: 'For example: tsalt-run manage.status' })
  }
  const { args, kwargs } = parseArguments(rest, fun, options.noParse)
  if (options.async) detach(fun, kwargs)
  return withMaster(options, console, (client) => run(client, console, options, { fun, args, kwargs }))
}

/** @throws TsaltError `usage-wrong` where there is nothing that could be left alone */
function detach(fun: string, kwargs: Dict): void {
  if (!orchestrations.has(fun))
    throw new TsaltError(
      'usage-wrong',
      { reason: `--async is for orchestrations; ${fun} answers when it is done` },
      { hint: 'For example: tsalt-run state.orchestrate orch.deploy --async' },
    )
  kwargs.set('attached', false)
}

async function run(
  client: MasterClient,
  console: Console,
  options: RunOptions,
  { fun, args, kwargs }: { readonly fun: string } & ReturnType<typeof parseArguments>,
): Promise<number> {
  if (fun === 'state.event') return runStateEvent(client, console, args, kwargs)
  // A document is Salt's own form of the answer; to be left running it is asked for as written.
  if (orchestrations.has(fun) && !kwargs.has('attached') && !isDocument(runSettings(options, {}, console)))
    return runOrchestration(client, console, options, { fun, args, kwargs })
  const keywords = Object.fromEntries([...kwargs].map(([key, value]) => [String(key), encodeValue(value)]))
  const asked = fun.startsWith('jobs.') ? statusOf(client) : Promise.resolve({})
  const { ret, retcode } = await client.runner({ fun, args: args.map(encodeValue), kwargs: keywords })
  const output = openOutput(console, options)
  if (options.async) {
    const started = decodeValue(ret)
    output.write(`Executed command with job ID: ${isDict(started) ? String(started.get('jid')) : ''}\n`)
  } else output.write(runnerText(decodeValue(ret), retcode, runSettings(options, await asked, console)))
  output.close()
  return retcode === 0 ? 0 : 1
}

function runSettings(options: RunOptions, status: MasterStatus, console: Console): OutputSettings {
  const configured = status.stateOutput === undefined ? undefined : parseStateForm(status.stateOutput)
  return {
    out: options.out,
    stateForm: options.stateOutput?.form ?? configured?.form ?? 'short',
    byId: options.stateOutput?.byId ?? configured?.byId ?? false,
    stateVerbose: !options.outputDiff && (options.stateVerbose ?? status.stateVerbose ?? true),
    stateLook: status.stateLook ?? {},
    color: options.outFile !== undefined ? options.forceColor : wantsColor(console, options, status.color),
    unicode: speaksUnicode(console.env),
    ...(options.outIndent === undefined ? {} : { indent: options.outIndent }),
  }
}

/** State results by host, as of jobs.lookup_jid, in their own form; everything else nested; nothing for nothing. */
function runnerText(ret: Value, retcode: number, settings: OutputSettings): string {
  if (isDocument(settings)) return formatValue(ret, settings)
  if (settings.out !== 'nested' && isDict(ret) && ret.size > 0) {
    const states = [...ret.values()].map(stateResults)
    if (states.some((results) => results !== undefined && results.length > 0)) {
      const hosts = [...ret].map(([id, value]) => ({
        id: String(id),
        ret: value,
        retcode,
        format: stateResults(value) ? ('highstate' as const) : ('nested' as const),
      }))
      return formatHosts(hosts, settings)
    }
  }
  if (ret === null || (isDict(ret) && ret.size === 0)) return ''
  return formatValue(ret, settings)
}
