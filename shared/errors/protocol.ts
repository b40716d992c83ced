import { defineErrors } from './definition.ts'

export const protocolErrors = defineErrors({
  'protocol-violation': {
    message: 'The other side broke the protocol: {reason}.',
    exit: 70,
    http: 502,
    hint: 'Both sides may be of versions that do not fit; "tsalt --version" and "tsalt-minion --version" print them.',
  },
  'protocol-version': {
    message: 'No common protocol version: the minion speaks {minion}, the master {master}.',
    exit: 70,
    http: 502,
    hint: 'Update the older of the two.',
  },
  'message-unsendable': {
    message: 'A {kind} message cannot be sent: {reason}.',
    exit: 70,
    http: 500,
  },
  'request-refused': {
    message: '{message} [{code}, answered to {kind}]',
    exit: 1,
    http: 502,
  },
  'request-timeout': {
    message: 'No answer to {kind} within {seconds} seconds.',
    exit: 2,
    http: 504,
  },
  'connection-lost': {
    message: 'The connection was lost before {kind} was answered.',
    exit: 2,
    http: 503,
  },
  'not-connected': {
    message: 'Not connected to the master, so {kind} cannot be sent.',
    exit: 2,
    http: 503,
    hint: "The minion's log says why, and when it tries again.",
  },
  'too-many-requests': {
    message: 'Too many requests are open on this connection.',
    exit: 1,
    http: 429,
  },
  'master-address-invalid': {
    message: 'This is not the address of a master: "{address}".',
    exit: 64,
    http: 400,
    hint: 'Write HOST or HOST:PORT; an IPv6 address with a port goes in brackets: [2001:db8::1]:4510.',
  },
  'master-unreachable': {
    message: 'The master at {address} cannot be reached: {reason}.',
    exit: 2,
    http: 503,
    hint: 'Check the "master" and "master_port" options, the network, and that tsalt-master runs.',
  },
  'master-untrusted': {
    message: 'What answers at {address} is not the master that this minion trusts: {reason}.',
    exit: 77,
    http: 502,
    hint: 'If the clock is right and the master was set up anew on purpose, move {folder} away and enrol again.',
  },
  'master-refused': {
    message: 'The master at {address} refused the connection: {message} [{code}]',
    exit: 77,
    http: 502,
  },
})
