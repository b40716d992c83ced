import { defineErrors } from './definition.ts'

export const dataErrors = defineErrors({
  'data-not-encodable': { message: 'A value of type {type} cannot be sent.', exit: 70, http: 500 },
  'data-malformed': { message: 'Data received is malformed: {reason}.', exit: 1, http: 400 },
})
