import { defineErrors } from './definition.ts'

export const mineErrors = defineErrors({
  'mine-missing': {
    message: 'There is no mine here: no master is behind this minion ({fun}).',
    exit: 1,
    http: 501,
    hint: 'tsalt-call without --local asks the master. An empty answer would be written into configuration as if there were no other hosts.',
  },
  'mine-functions-invalid': {
    message: 'mine_functions: {name}: {reason}.',
    exit: 1,
    http: 400,
    hint: 'A function has a list of its arguments, or a mapping with their names; both take mine_function, allow_tgt and allow_tgt_type.',
  },
  'mine-function-refused': {
    message: 'What {fun} answers is not for the mine: {reason}.',
    exit: 1,
    http: 400,
  },
  'mine-update-incomplete': {
    message: '{failed} of {all} functions are not in the mine as they are now:\n{reasons}',
    exit: 1,
    http: 400,
    hint: 'The others are. Of those that failed, what they answered before is still there, unless it says otherwise.',
  },
  'mine-refused': {
    message: 'The master does not take {name} into the mine: {message}',
    exit: 1,
    http: 400,
  },
  'mine-question-refused': { message: '{message}', exit: 1, http: 400 },
  'mine-secret': {
    message: "What {name} answers holds a secret of this minion's pillar, and others read the mine.",
    exit: 1,
    http: 403,
    hint: 'Bring the secret to those who need it by their own pillars.',
  },
  'mine-value-invalid': { message: '{reason}.', exit: 1, http: 400 },
  'mine-too-large': {
    message: 'With it this minion would have {size} bytes in the mine, of {limit} allowed.',
    exit: 1,
    http: 413,
    hint: 'Have the function answer less, or raise "mine_size" in the configuration of the master.',
  },
  'mine-too-many': {
    message: 'With it this minion would have more than {limit} names in the mine.',
    exit: 1,
    http: 413,
    hint: 'mine.flush removes those that nothing brings any more.',
  },
  'mine-flood': {
    message: '{id} uses the mine too often: {burst} times at once, and {rate} in a second, are allowed.',
    exit: 1,
    http: 429,
  },
  'mine-target-invalid': {
    message: 'This is not a target for the mine: "{expression}": {reason} (character {column}).',
    exit: 64,
    http: 400,
  },
  'mine-target-pillar': {
    message: 'Whether "{expression}" means {id} hangs on its pillar, which {reason}.',
    exit: 2,
    http: 409,
    hint: 'The operator finds out more with: tsalt-run pillar.show_pillar {id}',
  },
  'mine-answer-too-large': {
    message: 'What the mine has for {names} comes to {size} bytes, of {limit} that one answer may have.',
    exit: 1,
    http: 413,
    hint: 'Ask for fewer minions, or for functions that answer less.',
  },
})
