/** The options of tsalt-call, and how its results are shown. */

import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { decodeValue } from '../../shared/data/codec.ts'
import { toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  formatHosts,
  type OutputName,
  type OutputSettings,
  outputNames,
  parseStateForm,
} from '../../shared/output/format.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import type { LocalCall } from '../services/local-messages.ts'
import { placeWords } from './minion-config.ts'
import type { OptionWord, ReadWords } from './words.ts'

function inGroup<Words extends Readonly<Record<string, OptionWord>>>(
  words: Words,
  group: string,
): { readonly [Name in keyof Words]: OptionWord } {
  const named = Object.entries(words).map(([name, word]) => [name, { ...word, group }])
  return Object.fromEntries(named) as { readonly [Name in keyof Words]: OptionWord }
}

const where = 'Where it runs'
const output = 'Output'
const place = 'Place and log'

export const callWords = {
  local: {
    names: ['--local'],
    help: 'without a master: states and pillars of this machine',
    group: where,
  },
  fileRoot: {
    names: ['--file-root'],
    value: 'DIR',
    help: 'folder of states, in place of file_roots',
    group: where,
  },
  pillarRoot: {
    names: ['--pillar-root'],
    value: 'DIR',
    help: 'folder of pillars, in place of pillar_roots',
    group: where,
  },
  master: {
    names: ['--master'],
    value: 'HOST',
    help: 'ask this master, over a connection of its own',
    group: where,
  },
  timeout: {
    names: ['-t', '--timeout'],
    value: 'SECONDS',
    help: 'how long the master is looked for (default: 30)',
    group: where,
  },
  refreshGrains: {
    names: ['--refresh-grains-cache'],
    help: 'have a running tsalt-minion find its grains anew first',
    group: where,
  },
  saltCompat: {
    names: ['--salt-compat'],
    help: 'do as Salt does where tsalt does better, for this call of state.*',
    group: where,
  },
  grains: { names: ['-g', '--grains'], help: 'print the grains of this machine', group: output },
  doc: {
    names: ['-d', '--doc', '--documentation'],
    help: 'print the documentation of the functions that are named',
    group: output,
  },
  out: {
    names: ['--out', '--output'],
    value: 'FORM',
    help: `one of ${outputNames.join(', ')}`,
    group: output,
  },
  outIndent: {
    names: ['--out-indent', '--output-indent'],
    value: 'N',
    help: 'indentation of JSON; negative: one line',
    group: output,
  },
  outFile: {
    names: ['--out-file', '--output-file'],
    value: 'FILE',
    help: 'write the output to a file',
    group: output,
  },
  outFileAppend: {
    names: ['--out-file-append', '--output-file-append'],
    help: 'to its end, and keep what it has',
    group: output,
  },
  stateOutput: {
    names: ['--state-output'],
    value: 'FORM',
    help: 'state results: full, terse, mixed, changes, filter, short',
    group: output,
  },
  stateVerbose: {
    names: ['--state-verbose'],
    value: 'BOOL',
    help: 'False: leave out states that are in order',
    group: output,
  },
  outputDiff: {
    names: ['--output-diff'],
    help: 'states: only those that changed or failed',
    group: output,
  },
  noColor: { names: ['--no-color', '--no-colour'], help: 'no colour', group: output },
  forceColor: { names: ['--force-color', '--force-colour'], help: 'colour in pipes too', group: output },
  metadata: {
    names: ['--metadata'],
    help: 'print the job id, retcode and so on beside what was returned',
    group: output,
  },
  retcodePassthrough: {
    names: ['--retcode-passthrough'],
    help: "exit with the function's own retcode",
    group: output,
  },
  argsStdin: {
    names: ['--args-stdin'],
    help: 'further options and arguments are lines of standard input',
    group: place,
  },
  noParse: {
    names: ['--no-parse'],
    value: 'NAMES',
    help: 'values of these arguments (name=value) stay text: version,tag',
    group: place,
  },
  configDump: {
    names: ['--config-dump'],
    help: 'print the configuration of this minion, without secrets',
    group: place,
  },
  logFile: {
    names: ['--log-file'],
    value: 'FILE',
    help: 'write the log to the end of a file, too',
    group: place,
  },
  logFileLevel: {
    names: ['--log-file-level'],
    value: 'LEVEL',
    help: 'least severe message in that file (default: as -l)',
    group: place,
  },
  ...inGroup(placeWords, place),
} as const satisfies Record<string, OptionWord>
export type CallWord = keyof typeof callWords
export type CallOptions = ReadWords<CallWord>['options']

/** @throws TsaltError `usage-wrong` */
export function checkOutputWords(words: CallOptions): void {
  if (words.out !== undefined && !isOutputName(words.out))
    throw new TsaltError(
      'usage-wrong',
      { reason: `There is no output "${words.out}"` },
      { hint: `One of: ${outputNames.join(', ')}.` },
    )
  if (words.stateOutput !== undefined && !parseStateForm(words.stateOutput))
    throw new TsaltError('usage-wrong', { reason: `There is no state output "${words.stateOutput}"` })
}

const isOutputName = (name: string): name is OutputName => outputNames.some((one) => one === name)

export interface Shown {
  /** `local`, as salt-call calls it. */
  readonly result: JobReturn
  readonly call: LocalCall
  readonly id: string
  readonly words: CallOptions
  readonly options: MinionOptions
  readonly terminal: boolean
}

export function showResult(shown: Shown): string {
  const { result, words, options, terminal } = shown
  const settings = outputSettings(words, options, terminal)
  const { format, retcode } = result
  if (words.metadata !== undefined)
    return formatHosts([{ id: 'local', ret: described(shown), retcode, format: 'nested' }], settings)
  return formatHosts([{ id: 'local', ret: decodeValue(result.ret), retcode, format }], settings)
}

/** What Salt puts around the answer with --metadata. */
function described({ result, call, id }: Shown): Value {
  const { jid, fun, ret, retcode, success, format } = result
  const keywords = Object.entries(call.kwargs).map(([name, value]): [string, Value] => [
    name,
    decodeValue(value),
  ])
  const args = call.args.map((each) => decodeValue(each))
  const fun_args = keywords.length === 0 ? args : [...args, new Map([...keywords, ['__kwarg__', true]])]
  return toValue({ fun, fun_args, id, jid, out: format, retcode, return: decodeValue(ret), success })
}

function outputSettings(words: CallOptions, options: MinionOptions, terminal: boolean): OutputSettings {
  const { form, byId } = parseStateForm(words.stateOutput ?? options.state_output) ?? {
    form: 'short',
    byId: false,
  }
  const indent = words.outIndent === undefined ? {} : { indent: Number(words.outIndent) }
  const color =
    words.forceColor !== undefined ||
    (terminal && words.outFile === undefined && options.color && process.env.NO_COLOR === undefined)
  const verbose =
    words.stateVerbose === undefined ? options.state_verbose : /^(?:true|yes|on|1)$/i.test(words.stateVerbose)
  return {
    out: outputNames.find((name) => name === (words.out ?? options.output)),
    stateForm: form,
    byId,
    stateVerbose: !(words.outputDiff !== undefined || options.state_output_diff) && verbose,
    stateLook: {
      times: options.state_output_profile,
      shares: options.state_output_pct,
      columns: options.state_tabular,
    },
    color: color && words.noColor === undefined,
    unicode: /utf-?8/i.test(process.env.LC_ALL ?? process.env.LC_CTYPE ?? process.env.LANG ?? ''),
    ...indent,
  }
}
