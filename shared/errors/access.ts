import { defineErrors } from './definition.ts'

export const accessErrors = defineErrors({
  'login-refused': {
    message: 'The name or the password is wrong, or this user may not log in.',
    exit: 77,
    http: 401,
    hint: 'On the master: "tsalt auth user list" and "tsalt audit list --refused" tell more.',
  },
  'login-too-often': {
    message: 'Too many logins have failed; the next one is taken in {seconds} seconds.',
    exit: 75,
    http: 429,
  },
  'login-kind-unknown': {
    message: 'Nobody can log in by "{eauth}" here.',
    exit: 64,
    http: 400,
    hint: 'This master takes: {known}.',
  },
  'login-needed': {
    message: 'Nobody is logged in: the token is missing, unknown, or has expired.',
    exit: 77,
    http: 401,
    hint: 'Log in again.',
  },
  'pam-unanswered': {
    message: 'PAM could not be asked over {socket}: {reason}.',
    exit: 69,
    http: 503,
    hint: 'Is saslauthd running, and may the user of tsalt-master use its socket? The option is pam_socket.',
  },
  'accounts-unanswered': {
    message: 'The accounts of this machine could not be asked: {reason}.',
    exit: 69,
    http: 503,
    hint: 'The master runs "id" for users that have logged in by PAM; see that it works for the user of tsalt-master.',
  },
  'access-rule-invalid': {
    message: 'This access rule cannot be used: {reason}.',
    exit: 64,
    http: 400,
    hint: 'docs/guide/access.md describes rules; "tsalt auth check" reads them without a restart.',
  },
  'user-name-invalid': {
    message: 'This cannot be the name of an operator: "{name}".',
    exit: 64,
    http: 400,
    hint: 'Letters, digits, "_", "." and "-", at most 64, beginning with a letter or "_"; not {reserved}.',
  },
  'group-name-invalid': {
    message: 'This cannot be the name of a group: "{group}".',
    exit: 64,
    http: 400,
    hint: 'Letters, digits, "_", "." and "-", at most 64, beginning with a letter or "_".',
  },
  'user-exists': {
    message: 'There is a user "{name}" already.',
    exit: 64,
    http: 409,
    hint: 'To change the password: tsalt auth user passwd {name}',
  },
  'user-unknown': {
    message: 'There is no user "{name}".',
    exit: 1,
    http: 404,
    hint: '"tsalt auth user list" shows them all.',
  },
  'password-unfit': {
    message: 'This password is not taken: {reason}.',
    exit: 64,
    http: 400,
  },
  'operator-token-unknown': {
    message: 'There is no token "{id}".',
    exit: 1,
    http: 404,
    hint: '"tsalt auth token list" shows those that are good.',
  },
  'operator-lifetime-invalid': {
    message: '{what} lasts 1 second to {longest} days, not {seconds} seconds.',
    exit: 64,
    http: 400,
  },
  'operator-certificate-unknown': {
    message: 'There is no certificate "{serial}" of an operator.',
    exit: 1,
    http: 404,
    hint: '"tsalt auth certificate list" shows those that were issued.',
  },
  'public-key-unfit': {
    message: 'No certificate can be made for this public key: {reason}.',
    exit: 64,
    http: 400,
    hint: 'An EC key on P-256, as "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" makes it.',
  },
  'audit-unreadable': {
    message: 'The audit log {file} cannot be read: {reason}.',
    exit: 66,
    http: 500,
  },
})
