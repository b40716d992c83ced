/** The options of `tsalt`, typed; the help is made of what stands here. */
import { Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import type { OutputSettings } from '../../shared/output/format.ts'
import { parseStateForm, stateForms } from '../../shared/output/format.ts'
import type { Target } from '../api/schemas.ts'
import {
  addLaterOptions,
  addOutputOptions,
  addPlaceOptions,
  newCommand,
  type OutputOptions,
  type PlaceOptions,
  parseWords,
  seconds,
  truth,
} from './command-line.ts'
import type { Console } from './console.ts'
import { laterOptions } from './later-options.ts'

export interface TsaltOptions extends PlaceOptions, OutputOptions {
  list: boolean
  grain: boolean
  delimiter?: string
  timeout?: number
  static: boolean
  async: boolean
  verbose: boolean
  showJid: boolean
  hideTimeout: boolean
  summary: boolean
  stateOutput?: { form: OutputSettings['stateForm']; byId: boolean }
  stateVerbose?: boolean
  previewTarget: boolean
  expiry?: number
  jid?: string
  doc: boolean
  signal: 'TERM' | 'KILL'
}

const examples = `
Examples:
  tsalt '*' test.ping                         who answers?
  tsalt -L web1,db1 cmd.run 'uptime'          a command on two minions
  tsalt -G 'os:Debian' pkg.version nginx      by a grain
  tsalt state.highstate test=True             what would change, on the default_target
  tsalt 'web*' state.apply nginx              one SLS
  tsalt '*' grains.items --out json --static  for jq

Jobs:
  tsalt jobs.list                    the last jobs
  tsalt jobs.show JID                every target of a job and what it returned
  tsalt jobs.attach JID              follow a job that was left
  tsalt jobs.kill JID [--signal KILL]

Also: "tsalt key …" is tsalt-key, "tsalt run …" is tsalt-run, "tsalt doctor" looks for loose secrets,
ending certificates and clocks that differ. Put -- before arguments that begin with "-".

Exit codes: 0 fine; 1 something failed; 2 no return or no match; 64 wrong usage; and where nothing failed
69 some targets offline, 75 connection lost, 130 cancelled or left.`

/** @throws Finished after help, version and usage errors; TsaltError of option values */
export function parseTsalt(
  words: readonly string[],
  console: Console,
): { options: TsaltOptions; words: string[] } {
  const command = newCommand(
    'tsalt',
    "[options] ['<target>'] <module.function> [arguments] [key=value]",
    'Runs a function on minions and shows what each of them answers.',
    console,
  )
  command
    .argument('[words...]')
    .optionsGroup('Target (default: a glob over ids):')
    .option('-L, --list', 'the target is a list of ids: web1,web2', false)
    .option('-G, --grain', "the target is a grain and a glob: 'os:Debian'", false)
    .option('--delimiter <sign>', 'separates the steps of a grain in -G (default: ":")')
    .option('--preview-target', 'print which minions the target means, and run nothing', false)
    .optionsGroup('Waiting:')
    .addOption(
      new Option('-t, --timeout <seconds>', 'stop waiting for a minion after this much silence').argParser(
        seconds,
      ),
    )
    .addOption(
      new Option('--expiry <time>', 'give up on offline minions after 90s, 10m, 1h, 2d').argParser(seconds),
    )
    .option('--async', 'print the job id and do not wait', false)
    .option('--jid <jid>', 'use this job id; a second submission of it does nothing')
    .addOption(
      new Option('--signal <name>', 'of jobs.kill: TERM (default) or KILL')
        .choices(['TERM', 'KILL'])
        .default('TERM'),
    )
  addOutputOptions(command)
    .option('-s, --static', 'wait for all, then print one document', false)
    .addOption(
      new Option(
        '--state-output <form>',
        `state results: ${stateForms.join(', ')} (and full_id …)`,
      ).argParser(stateForm),
    )
    .addOption(new Option('--state-verbose <bool>', 'False: leave out what is in order').argParser(truth))
    .option('-v, --verbose', 'print the job id and the names of all targets first', false)
    .option('--show-jid', 'print the job id', false)
    .option('--hide-timeout', 'say nothing of minions that did not return', false)
    .option('--summary', 'count the minions at the end', false)
    .option('-d, --doc', 'print the documentation of functions', false)
  addPlaceOptions(command)
  addLaterOptions(command, laterOptions)
  command.addHelpText('after', examples)
  parseWords(command, words)
  return { options: command.opts<TsaltOptions>(), words: command.args }
}

function stateForm(text: string): TsaltOptions['stateOutput'] {
  const parsed = parseStateForm(text)
  if (!parsed) {
    throw new TsaltError(
      'usage-wrong',
      { reason: `"${text}" is no form of state output` },
      {
        hint: `There are ${stateForms.join(', ')}, and full_id, terse_id, mixed_id, changes_id, filter_id.`,
      },
    )
  }
  return parsed
}

/** @throws TsaltError `usage-wrong` for two kinds at once */
export function targetOf(expression: string, options: TsaltOptions): Target {
  if (options.list && options.grain) {
    throw new TsaltError('usage-wrong', { reason: '-L and -G exclude each other' })
  }
  const { delimiter } = options
  if (delimiter !== undefined && [...delimiter].length !== 1) {
    throw new TsaltError('usage-wrong', { reason: 'The delimiter is one character' })
  }
  const kind = options.list ? 'list' : options.grain ? 'grain' : 'glob'
  return { kind, expression, ...(delimiter === undefined ? {} : { delimiter }) }
}
