import { defineErrors } from './definition.ts'

export const cliErrors = defineErrors({
  'usage-wrong': { message: '{reason}.', exit: 64, http: 400 },
  'usage-option-later': {
    message: 'The option {option} ({meaning}) is not in this version of tsalt.',
    exit: 64,
    http: 400,
    hint: '{instead}',
  },
  'usage-function-missing': {
    message: 'No function was given for the target "{target}".',
    exit: 64,
    http: 400,
  },
  'usage-target-missing': { message: 'No target was given.', exit: 64, http: 400 },
  'usage-function-invalid': {
    message: 'This is not a function: "{fun}".',
    exit: 64,
    http: 400,
    hint: 'A function is MODULE.FUNCTION, as in test.ping or state.apply; sys.list_functions lists them.',
  },
  'master-down': {
    message: 'The master does not answer on {socket} ({reason}).',
    exit: 2,
    http: 503,
    hint: 'Look at it with: systemctl status tsalt-master. Another configuration: --config-dir or --root-dir.',
  },
  'master-socket-denied': {
    message: 'You may not use the socket of the master, {socket}.',
    exit: 77,
    http: 403,
    hint: 'It is for root and the members of the group "{group}".',
  },
  'master-answer-unreadable': {
    message: 'The answer of the master could not be read: {reason}.',
    exit: 70,
    http: 502,
    hint: 'Do tsalt and tsalt-master have the same version? Compare "tsalt --version" on both.',
  },
  'submission-uncertain': {
    message:
      'The master went away before it answered and did not come back; it may or may not have job {jid}.',
    exit: 75,
    http: 502,
    hint: 'When it is back: tsalt-run jobs.lookup_jid {jid}',
  },
  'key-fingerprint-needed': {
    message: 'A key is accepted without a question only by its fingerprint.',
    exit: 64,
    http: 400,
    hint: 'Compare it on the minion, then: tsalt-key -a {id} --fingerprint FINGERPRINT. Or use: tsalt-key --token',
  },
})
