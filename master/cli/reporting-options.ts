/** Options of every command that shows what minions returned. */
import { type Command, Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import { type OutputSettings, parseStateForm, stateForms } from '../../shared/output/format.ts'
import { addOutputOptions, type OutputOptions, seconds, truth } from './command-line.ts'

export interface ReportingOptions extends OutputOptions {
  timeout?: number
  static: boolean
  stateOutput?: { form: OutputSettings['stateForm']; byId: boolean }
  stateVerbose?: boolean
  verbose: boolean
  hideTimeout: boolean
  summary: boolean
  outputDiff: boolean
  progress: boolean
}

export const timeoutOption = (): Option =>
  new Option('-t, --timeout <seconds>', 'stop waiting for a minion after this much silence').argParser(
    (text) => {
      const silence = seconds(text)
      if (silence > 0) return silence
      throw new TsaltError(
        'usage-wrong',
        { reason: `-t ${text} waits for nobody: it is the silence of a minion, 1 second at least` },
        { hint: 'To submit a job and not wait for it: --async' },
      )
    },
  )

/** All but --timeout, which stands in a group of its own. */
export function addReportingOptions(command: Command): Command {
  return addOutputOptions(command)
    .option('-s, --static', 'wait for all, then print one document', false)
    .addOption(
      new Option(
        '--state-output <form>',
        `state results: ${stateForms.join(', ')} (and full_id …)`,
      ).argParser(stateForm),
    )
    .addOption(new Option('--state-verbose <bool>', 'False: leave out what is in order').argParser(truth))
    .option('--output-diff', 'states: only those that changed or failed', false)
    .option('-p, --progress', 'show the progress on the terminal also where the output goes elsewhere', false)
    .option('-v, --verbose', 'print the job id and the names of all targets first', false)
    .option('--hide-timeout', 'say nothing of minions that did not return', false)
    .option('--summary', 'count the minions at the end', false)
}

function stateForm(text: string): ReportingOptions['stateOutput'] {
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
