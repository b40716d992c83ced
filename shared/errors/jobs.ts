import { defineErrors } from './definition.ts'

export const jobErrors = defineErrors({
  'store-loose-mode': {
    message: '{path} has mode {mode}, so others than the master can get at it.',
    exit: 1,
    http: 500,
    hint: 'Run: chmod {wanted} {path}',
  },
  'store-unreadable': { message: 'Cannot use the database {path}: {reason}.', exit: 1, http: 500 },
  'store-newer': {
    message: 'The database {path} was written by a newer version of tsalt (tables of "{area}").',
    exit: 1,
    http: 500,
    hint: 'Install that version or a later one; this one would not understand what it finds.',
  },
  'store-changed-migration': {
    message:
      'The database {path} was made with other tables than this version knows ("{area}", step {step}).',
    exit: 1,
    http: 500,
    hint: 'It comes from a version between two releases; start with a fresh database or with that version.',
  },
  'store-write-failed': {
    message: 'The database could not be written: {reason}.',
    exit: 1,
    http: 503,
    hint: 'Nothing was accepted that could not be stored. Look at the free space of its disk.',
  },
  'target-missing': {
    message: 'No target was given, and the master has no default_target.',
    exit: 64,
    http: 400,
    hint: "Name the minions, as in: tsalt '*' test.ping",
  },
  'target-empty': {
    message: 'No minions matched the target. No command was sent, no jid was assigned.',
    exit: 2,
    http: 404,
    hint: '"tsalt-key -L" lists the accepted minions.',
  },
  'target-unknown': { message: 'No accepted minion has this id: {ids}.', exit: 2, http: 404 },
  'target-pillar': {
    message: 'Whether "{expression}" means {id} hangs on its pillar, which cannot be compiled: {reason}',
    hint: "Mend the pillar, or leave this minion out: -C '… and not L@{id}'.",
    exit: 2,
    http: 409,
  },
  'target-invalid': { message: 'This is not a target: "{expression}": {reason}.', exit: 64, http: 400 },
  'job-unknown': {
    message: 'There is no job {jid}.',
    exit: 1,
    http: 404,
    hint: '"tsalt-run jobs.list_jobs" lists those that are kept.',
  },
  'jid-taken': {
    message: 'Job {jid} exists already and is another command.',
    exit: 1,
    http: 409,
    hint: 'Leave the jid out and the master makes one.',
  },
  'jid-implausible': {
    message: 'Job id {jid} lies in the future.',
    exit: 64,
    http: 400,
    hint: 'Leave the jid out and the master makes one, or set the clock.',
  },
  'return-unexpected': {
    message: 'No return of job {jid} is expected from {id}.',
    exit: 1,
    http: 404,
  },
  'master-stopping': {
    message: 'The master is stopping.',
    exit: 1,
    http: 503,
    hint: 'Try again when it is back.',
  },
  'runner-unknown': { message: 'Runner "{fun}" does not exist.', exit: 1, http: 404 },
  'runner-argument': { message: '{fun}: {reason}.', exit: 64, http: 400 },
  'runner-failed': { message: '{fun}: {reason}.', exit: 1, http: 500 },
  'request-malformed': { message: 'The request is malformed: {reason}.', exit: 64, http: 400 },
  'request-unknown': { message: 'The master has no {method} {path}.', exit: 64, http: 404 },
  'request-too-large': {
    message: 'The request is larger than {limit} bytes.',
    exit: 64,
    http: 413,
    hint: 'Put large content into a file of the tree and name it as salt://…',
  },
  'socket-in-use': {
    message: 'Another master answers on {path}.',
    exit: 1,
    http: 500,
    hint: 'Stop it first, or give this one another "socket".',
  },
  'socket-unusable': { message: 'Cannot listen on {path}: {reason}.', exit: 1, http: 500 },
})
