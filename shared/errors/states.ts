import { defineErrors } from './definition.ts'

export const stateErrors = defineErrors({
  'state-unknown': { message: 'State function "{state}" does not exist.', exit: 1, http: 400 },
  'state-argument-unknown': { message: '{state} has no argument "{argument}".', exit: 1, http: 400 },
  'state-argument-invalid': { message: '{state}: {argument}: {reason}.', exit: 1, http: 400 },
  'state-argument-missing': { message: '{state} needs the argument "{argument}".', exit: 1, http: 400 },
})
