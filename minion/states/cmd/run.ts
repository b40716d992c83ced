/** cmd.run, cmd.wait and cmd.watch: a command, at every run or when a watched state changed. */
import * as v from 'valibot'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { type Decision, inSync, type StateFunction, stateFunction } from '../contract.ts'
import { commandEntries } from './arguments.ts'
import { commandDecision } from './execute.ts'

const args = v.strictObject({ name: needed(nonEmptyText, 'The command, for a shell.'), ...commandEntries })

const runArguments = v.strictObject({
  ...args.entries,
  bg: defaulted(
    flag,
    false,
    'Accepted for trees of Salt; a command that shall outlive the run belongs in a service.',
  ),
})

export const run = stateFunction({
  summary:
    'Runs a command, at every run where no `creates`, `onlyif`, `unless` or `onchanges` keeps it from running.',
  args: runArguments,
  examples: [
    'make-schema:\n  cmd.run:\n    - name: psql -f /srv/app/schema.sql app\n    - runas: postgres\n    - unless: psql -c "select 1 from users" app\n',
    'build:\n  cmd.run:\n    - name: make all\n    - cwd: /usr/local/src/app\n    - env:\n        CFLAGS: -O2\n    - creates: /usr/local/bin/app\n    - timeout: 600\n',
  ],
  repeats: true,
  refuse: ({ bg }) =>
    bg
      ? { argument: 'bg', reason: 'a command in the background is not possible; make it a service' }
      : undefined,
  check: (wish, look, state) => commandDecision(wish, look, state),
  refresh: (wish, look, state) => commandDecision(wish, look, state),
})

function waitFunction(summary: string, example: string): StateFunction {
  return stateFunction({
    summary,
    args,
    examples: [example],
    check: async (): Promise<Decision> => inSync(''),
    refresh: (wish, look, state) => commandDecision(wish, look, state),
  })
}

export const wait = waitFunction(
  'Runs a command only when a state that it watches changed.',
  'newaliases:\n  cmd.wait:\n    - watch:\n      - file: /etc/aliases\n\n/etc/aliases:\n  file.append:\n    - text: "root: admin@example.org"\n',
)

export const watch = waitFunction(
  'The same as cmd.wait.',
  'update-ca-certificates:\n  cmd.watch:\n    - watch:\n      - file: /usr/local/share/ca-certificates/own.crt\n\n/usr/local/share/ca-certificates/own.crt:\n  file.managed:\n    - source: salt://pki/own.crt\n',
)
