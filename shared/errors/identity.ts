import { defineErrors } from './definition.ts'

export const identityErrors = defineErrors({
  'id-invalid': {
    message: 'This is not a valid minion id: "{id}".',
    exit: 64,
    http: 400,
    hint: 'Use letters, digits, ".", "_" and "-", at most 253 of them, beginning and ending with a letter or digit.',
  },
  'jid-invalid': {
    message: 'This is not a job id: "{jid}".',
    exit: 64,
    http: 400,
    hint: 'A job id has 20 digits, as printed by "tsalt-run jobs.list_jobs".',
  },
  'fingerprint-invalid': {
    message: 'This is not a SHA-256 fingerprint: "{fingerprint}".',
    exit: 64,
    http: 400,
    hint: 'It has 64 hex digits; "tsalt-key -F master" prints the master\'s.',
  },
})
