/** file.prepend: lines that have to be somewhere in a file, added at its beginning where they are not. */
import * as v from 'valibot'
import { defaulted } from '../../../shared/schema/argument.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import { stateFunction } from '../contract.ts'
import { addedTextArguments, addText, noText } from './add-text.ts'

const args = v.strictObject({
  ...addedTextArguments,
  header: defaulted(
    flag,
    false,
    'The text has to be the very beginning of the file, not only somewhere in it.',
  ),
})

export const prepend = stateFunction({
  summary: 'Makes sure that a file contains these lines, adding them at its beginning.',
  args,
  examples: [
    '/etc/motd:\n  file.prepend:\n    - text:\n        - This machine is managed.\n        - Changes made by hand are undone.\n',
  ],
  refuse: noText,
  check: (wanted, look, run) => addText(wanted, wanted.header ? 'header' : 'beginning', look, run),
})
