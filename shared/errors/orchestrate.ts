import { defineErrors } from './definition.ts'

export const orchestrateErrors = defineErrors({
  'orchestration-guard': {
    message: '"{guard}" of ID "{id}" is a command, and an orchestration runs none on the master.',
    exit: 1,
    http: 400,
    hint: 'Ask a runner, as in "- fun: manage.up", or put the check into a state of the minions.',
  },
  'orchestration-argument': {
    message: '"{argument}" of ID "{id}" means nothing in an orchestration, which changes no machine itself.',
    exit: 1,
    http: 400,
    hint: 'Write it with the states that salt.state runs on the minions.',
  },
  'orchestration-slot': {
    message: 'ID "{id}" has a slot, and an orchestration has none: they ask functions of a minion.',
    exit: 1,
    http: 400,
    hint: 'A template can ask a runner: salt.saltutil.runner("manage.up").',
  },
  'orchestration-template-runner': {
    message: 'A template cannot call the runner "{fun}".',
    exit: 1,
    http: 400,
    hint: 'Templates only ask, as with manage.up: what does something is a state, salt.runner.',
  },
  'orchestration-name': {
    message: 'The name of this master in orchestrations cannot be "{id}".',
    exit: 1,
    http: 500,
    hint: "It is made of the host's name, which has to consist of letters, digits, dots and hyphens.",
  },
})
