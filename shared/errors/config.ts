import { defineErrors } from './definition.ts'

export const configErrors = defineErrors({
  'config-option-unknown': { message: 'Unknown option "{option}".', exit: 64, http: 500 },
  'config-option-invalid': { message: 'Option "{option}": {reason}.', exit: 64, http: 500 },
  'config-unreadable': { message: 'Cannot read {file}: {reason}.', exit: 64, http: 500 },
})
