/** The options of tsalt-call, and how its results are shown. */

import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { decodeValue } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  formatHosts,
  type OutputName,
  type OutputSettings,
  outputNames,
  parseStateForm,
} from '../../shared/output/format.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { placeWords } from './minion-config.ts'
import type { OptionWord, ReadWords } from './words.ts'

export const callWords = {
  local: { names: ['--local'], help: 'without a master: states and pillars of this machine' },
  fileRoot: { names: ['--file-root'], value: 'DIR', help: 'folder of states, in place of file_roots' },
  pillarRoot: { names: ['--pillar-root'], value: 'DIR', help: 'folder of pillars, in place of pillar_roots' },
  grains: { names: ['-g', '--grains'], help: 'print the grains of this machine' },
  doc: { names: ['-d', '--doc'], help: 'print the documentation of the functions that are named' },
  saltCompat: {
    names: ['--salt-compat'],
    help: 'do as Salt does where tsalt does better, for this call of state.*',
  },
  out: { names: ['--out', '--output'], value: 'FORM', help: `one of ${outputNames.join(', ')}` },
  outIndent: {
    names: ['--out-indent', '--output-indent'],
    value: 'N',
    help: 'indentation of JSON; negative: one line',
  },
  stateOutput: {
    names: ['--state-output'],
    value: 'FORM',
    help: 'form of state results: full, terse, mixed, changes, filter, short',
  },
  stateVerbose: { names: ['--state-verbose'], value: 'BOOL', help: 'show states that are in order' },
  noColor: { names: ['--no-color', '--no-colour'], help: 'no colour' },
  forceColor: { names: ['--force-color', '--force-colour'], help: 'colour in pipes too' },
  retcodePassthrough: { names: ['--retcode-passthrough'], help: "exit with the function's own retcode" },
  ...placeWords,
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
  readonly words: CallOptions
  readonly options: MinionOptions
  readonly terminal: boolean
}

export function showResult({ result, words, options, terminal }: Shown): string {
  const settings = outputSettings(words, options, terminal)
  const { format, retcode } = result
  return formatHosts([{ id: 'local', ret: decodeValue(result.ret), retcode, format }], settings)
}

function outputSettings(words: CallOptions, options: MinionOptions, terminal: boolean): OutputSettings {
  const { form, byId } = parseStateForm(words.stateOutput ?? options.state_output) ?? {
    form: 'short',
    byId: false,
  }
  const indent = words.outIndent === undefined ? {} : { indent: Number(words.outIndent) }
  const color =
    words.forceColor !== undefined || (terminal && options.color && process.env.NO_COLOR === undefined)
  return {
    out: words.out !== undefined && isOutputName(words.out) ? words.out : undefined,
    stateForm: form,
    byId,
    stateVerbose:
      words.stateVerbose === undefined ? options.state_verbose : /^(?:true|yes|1)$/i.test(words.stateVerbose),
    color: color && words.noColor === undefined,
    unicode: /utf-?8/i.test(process.env.LC_ALL ?? process.env.LC_CTYPE ?? process.env.LANG ?? ''),
    ...indent,
  }
}
