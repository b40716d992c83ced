/** file.append: lines that have to be somewhere in a file, added at its end where they are not. */
import * as v from 'valibot'
import { defaulted } from '../../../shared/schema/argument.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import { stateFunction } from '../contract.ts'
import { addedTextArguments, addText, noText } from './add-text.ts'

const args = v.strictObject({
  ...addedTextArguments,
  ignore_whitespace: defaulted(flag, true, 'Spaces and tabs count as one space when the text is looked for.'),
})

export const append = stateFunction({
  summary: 'Makes sure that a file contains these lines, adding them at its end.',
  args,
  examples: [
    '/etc/modules:\n  file.append:\n    - text: br_netfilter\n',
    '/root/.bashrc:\n  file.append:\n    - text:\n        - export EDITOR=vim\n        - alias ll="ls -l"\n',
  ],
  refuse: noText,
  check: (wanted, look, run) => addText(wanted, 'end', look, run),
})
