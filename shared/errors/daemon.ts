import { defineErrors } from './definition.ts'

export const daemonErrors = defineErrors({
  'journal-damaged': {
    message: 'The job journal {file} is damaged at byte {position}.',
    exit: 70,
    http: 500,
    hint: 'What could not be read is kept beside it; check the disk.',
  },
  'job-not-startable': { message: 'Job {jid} cannot be started: it is {phase}.', exit: 70, http: 500 },
  'function-failed': { message: '{fun}: {reason}.', exit: 1, http: 400 },
  'function-unknown': { message: "'{fun}' is not available.", exit: 254, http: 404 },
  'function-argument-unknown': { message: '{fun} has no argument "{argument}".', exit: 1, http: 400 },
  'function-argument-invalid': { message: '{fun}: {argument}: {reason}.', exit: 1, http: 400 },
  'function-argument-missing': { message: '{fun} needs the argument "{argument}".', exit: 1, http: 400 },
  'function-argument-twice': {
    message: '{fun} got the argument "{argument}" twice, by position and by name.',
    exit: 1,
    http: 400,
  },
  'function-arguments-too-many': {
    message: '{fun} takes at most {most} arguments by position and got {given}.',
    exit: 1,
    http: 400,
  },
  'event-too-large': {
    message: 'The event {tag} has {size} bytes, of {limit} allowed.',
    exit: 1,
    http: 413,
  },
  'event-flood': {
    message: '{id} tells more events than {burst} at once and {rate} in a second.',
    exit: 1,
    http: 429,
  },
  'event-tag-invalid': {
    message: '{tag} is no tag of an event.',
    exit: 1,
    http: 400,
    hint: 'Words with "/" between them, without blanks, at most 512 characters: myco/deployed',
  },
  'event-outbox-full': {
    message: 'There are {count} events for the master that it has not taken, and no room for more.',
    exit: 1,
    http: 503,
    hint: 'They go out when the master is back.',
  },
  'schedule-unreadable': {
    message: 'The schedule in {file} cannot be read.',
    exit: 1,
    http: 500,
    hint: 'Remove the file, or mend it: a JSON object with the entries by name.',
  },
  'minion-already-running': {
    message: 'A minion with the state directory {folder} runs already (pid {pid}).',
    exit: 1,
    http: 500,
    hint: 'Stop it first, or give this one another --root-dir or state_dir.',
  },
  'minion-not-connected': {
    message: 'There is no connection to the master.',
    exit: 1,
    http: 503,
    hint: 'Look at the log of tsalt-minion, or use tsalt-call --local.',
  },
  'minion-id-unclear': {
    message: 'This machine\'s name "{name}" cannot be its minion id: {reason}.',
    exit: 64,
    http: 500,
    hint: 'Give it one: tsalt-minion --id NAME, or "id: NAME" in the file minion.',
  },
  'state-directory-unusable': {
    message: 'Cannot use the directory {folder}: {reason}.',
    exit: 1,
    http: 500,
    hint: 'Run as root, or move every path with --root-dir.',
  },
  'source-missing': { message: 'There is no file {url} in environment "{environment}".', exit: 1, http: 404 },
  'source-unreadable': { message: 'Cannot read {url}: {reason}.', exit: 1, http: 500 },
  'source-unavailable': {
    message: 'The master no longer has the content of {url}, which changed during the run.',
    exit: 1,
    http: 409,
    hint: 'Run it again.',
  },
  'source-scheme-unknown': {
    message: 'The source "{url}" is neither salt:// nor an absolute path.',
    exit: 1,
    http: 400,
  },
  'tree-content-wrong': {
    message: 'The master sent content that does not match its hash ({what}).',
    exit: 1,
    http: 502,
    hint: 'Nothing of it was kept. If it comes again, look at the master.',
  },
  'grain-failed': { message: 'The grains of {file} are left out: {reason}.', exit: 1, http: 500 },
  'call-interrupted': { message: 'Interrupted before the master had answered.', exit: 130, http: 503 },
  'local-call-failed': {
    message: 'The running tsalt-minion did not finish the call: {reason}.',
    exit: 1,
    http: 500,
  },
})
