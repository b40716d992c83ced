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
  'key-invalid': {
    message: 'The private key {what} cannot be used: {reason}.',
    exit: 70,
    http: 500,
    hint: 'Restore it from a backup. A minion without its key must enrol again: move the folder of its keys away.',
  },
  'certificate-invalid': {
    message: 'The certificate {what} cannot be used: {reason}.',
    exit: 70,
    http: 400,
    hint: 'Restore it from a backup, or move it away to enrol again.',
  },
  'certificate-request-invalid': {
    message: 'The certificate request cannot be used: {reason}.',
    exit: 1,
    http: 400,
  },
  'secret-file-loose': {
    message: 'Refusing to use {path}: {reason}.',
    exit: 77,
    http: 500,
    hint: 'Look who could have read or changed it, then: {command}',
  },
  'secret-file-unreadable': {
    message: 'The secret file {path} cannot be read: {reason}.',
    exit: 70,
    http: 500,
  },
  'secret-file-unwritable': {
    message: 'The secret file {path} cannot be written: {reason}.',
    exit: 70,
    http: 500,
  },
  'join-token-invalid': {
    message: 'This is not a join token: {reason}.',
    exit: 64,
    http: 400,
    hint: 'It looks like tsalt1:HOST:PORT:FINGERPRINT:SECRET; "tsalt-key --token" on the master makes one.',
  },
})
