/** How an answer that is no state run is shown: by the options of the command and what the terminal can do. */
import type { OutputSettings } from '../../shared/output/format.ts'
import type { OutputOptions } from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'

export const answerSettings = (console: Console, options: OutputOptions): OutputSettings => ({
  out: options.out,
  stateForm: 'short',
  stateVerbose: true,
  color: wantsColor(console, options),
  unicode: speaksUnicode(console.env),
  ...(options.outIndent === undefined ? {} : { indent: options.outIndent }),
})
