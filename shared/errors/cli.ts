import { defineErrors } from './definition.ts'

export const cliErrors = defineErrors({
  'usage-wrong': { message: '{reason}.', exit: 64, http: 400 },
  'usage-option-later': {
    message: 'tsalt has no option {option} ({meaning}).',
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
  'usage-functions-apart': {
    message: '{functions} functions were given, and arguments for {parts}: {understood}.',
    exit: 64,
    http: 400,
    hint: 'A word that is just "{separator}" stands between the arguments of two functions: tsalt \'*\' cmd.run,test.ping,test.echo uptime {separator} {separator} foo',
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
    hint: 'It is for root and the members of the group "{group}". Operators with rules log in at the API: tsalt login NAME --api https://HOST:4511',
  },
  'api-missing': {
    message: 'Nothing says where the API of the master is.',
    exit: 64,
    http: 400,
    hint: 'Name it: --api https://HOST:4511, or TSALT_API in the environment. "tsalt login" remembers it.',
  },
  'api-certificate-untrusted': {
    message: 'Nothing was sent to {api}: its certificate cannot be trusted, for {reason}.',
    exit: 77,
    http: 502,
    hint: 'Get the certificate of its CA from somebody whom you trust, and name it: --ca FILE',
  },
  'login-missing': {
    message: 'Nobody is logged in at {api}.',
    exit: 77,
    http: 401,
    hint: 'tsalt login NAME --api {api}',
  },
  'session-ended': {
    message: 'The login of {user} at {api} is over: {reason}.',
    exit: 77,
    http: 401,
    hint: 'Log in again: tsalt login {user}',
  },
  'credentials-refused': {
    message: '{api} does not take {what}: it is unknown there, has ended, or was revoked.',
    exit: 77,
    http: 401,
    hint: 'On the master: "tsalt auth token list" and "tsalt auth certificate list" show those that are good.',
  },
  'session-file-unusable': {
    message: 'The saved login {path} cannot be used: {reason}.',
    exit: 65,
    http: 400,
    hint: '"tsalt login" writes it anew; "tsalt logout" removes it.',
  },
  'pem-file-unusable': {
    message: '{option} {path} cannot be used: {reason}.',
    exit: 66,
    http: 400,
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
