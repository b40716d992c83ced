import { defineErrors } from './definition.ts'

export const reactorErrors = defineErrors({
  'reactor-option-wrong': {
    message: 'Entry {entry} of "reactor" is wrong: {reason}.',
    exit: 64,
    http: 500,
    hint: "An entry is a glob over tags with its files: - 'salt/minion/*/start': [/srv/reactor/start.sls]",
  },
  'reactor-file-missing': {
    message: 'There is no reactor file {file}.',
    exit: 1,
    http: 404,
    hint: 'It is a path of the master, or salt://… below file_roots.',
  },
  'reactor-file-unreadable': {
    message: 'The reactor file {file} cannot be read: {reason}.',
    exit: 1,
    http: 500,
  },
  'reactor-sls-wrong': {
    message: '{reason}.',
    exit: 1,
    http: 400,
    hint: 'A reaction is ID, then local.FUNCTION, runner.FUNCTION or wheel.FUNCTION, then its arguments as a list.',
  },
  'reactor-reaction-unknown': {
    message: '"{kind}" is no kind of reaction.',
    exit: 1,
    http: 400,
    hint: 'There are local.FUNCTION (or cmd.FUNCTION), runner.FUNCTION and wheel.FUNCTION.',
  },
  'reactor-keyword-unknown': { message: 'A reaction {kind} takes no "{keyword}".', exit: 1, http: 400 },
  'reactor-requisite': {
    message: '"{keyword}" has no meaning in a reaction: each begins by itself, none waits for another.',
    exit: 1,
    http: 400,
    hint: 'What needs an order is an orchestration: runner.state.orchestrate.',
  },
  'reactor-caller': {
    message: 'caller.{fun} is a reaction of a minion without a master, and this is a master.',
    exit: 1,
    http: 400,
    hint: 'On a minion: local.{fun} with tgt. On the master itself: a minion that runs there, or a runner.',
  },
  'reactor-data-injects': {
    message: 'Text of the event changes what the reactions are made of: {reaction}.',
    exit: 1,
    http: 400,
    hint: 'Print it with a filter: data["data"] | json. Or, for senders that may decide: trust_data: True at the entry.',
  },
  'reactor-loop': {
    message:
      'The reaction {reaction} is one of {depth} that each were begun by the job of the one before; no more are.',
    exit: 1,
    http: 409,
    hint: 'Its tag matches the events of its own jobs: make the glob narrower, or ask in the file for data["fun"].',
  },
  'reactor-interrupted': {
    message: 'The master stopped while {fun} ran for the reaction {reaction}; it is not run again.',
    exit: 1,
    http: 500,
    hint: 'See whether it has done its work; "tsalt events --since {sequence}" shows the event that it belongs to.',
  },
  'reactor-entry-unknown': { message: 'No entry of the reactor is for "{tag}".', exit: 1, http: 404 },
  'reactor-entry-configured': {
    message: 'The entry for "{tag}" comes from the configuration of the master.',
    exit: 1,
    http: 409,
    hint: 'Remove it there.',
  },
  'reactor-entry-exists': { message: 'The reactor has an entry for "{tag}" already.', exit: 1, http: 409 },
  'wheel-unknown': { message: 'Wheel function "{fun}" does not exist.', exit: 1, http: 404 },
  'wheel-argument': { message: '{fun}: {reason}.', exit: 64, http: 400 },
  'schedule-option-wrong': {
    message: 'The entry "{name}" of "schedule" is wrong: {reason}.',
    exit: 64,
    http: 500,
  },
})
