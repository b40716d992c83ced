import { defineErrors } from './definition.ts'

export const configErrors = defineErrors({
  'config-option-unknown': { message: 'Unknown option "{option}".', exit: 64, http: 500 },
  'config-option-invalid': { message: 'Option "{option}": {reason}.', exit: 64, http: 500 },
  'config-option-twice': {
    message: 'Option "{option}" is given twice.',
    exit: 64,
    http: 500,
    hint: 'Keep one of them.',
  },
  'config-syntax': { message: '{reason}.', exit: 64, http: 500 },
  'config-unreadable': {
    message: 'Cannot read {file}: {reason}.',
    exit: 64,
    http: 500,
    hint: 'It is a mapping of options ("name: value"), readable for the user that runs this. Another one: --config-dir or --root-dir.',
  },
})
