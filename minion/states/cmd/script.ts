/** cmd.script: a script from the tree, run on the minion. */

import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { mapping } from '../../../shared/schema/collections.ts'
import { nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, inSync, type StateRun, stateFunction } from '../contract.ts'
import { renderSource } from '../file/render-source.ts'
import { commandEntries } from './arguments.ts'
import { commandDecision } from './execute.ts'
import { runScriptText } from './run-script.ts'

const args = v.strictObject({
  name: needed(
    nonEmptyText,
    'The script, `salt://PATH`, and its arguments; with `source`, a name and its arguments.',
  ),
  source: optional(nonEmptyText, 'The script: `salt://PATH` or a path on the minion.'),
  args: optional(text, 'Arguments of the script, as a shell reads them.'),
  template: optional(text, 'Render the script with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  ...commandEntries,
})
type ScriptArguments = v.InferOutput<typeof args>

export const script = stateFunction({
  summary:
    'Runs a script from the tree, at every run where no `creates`, `onlyif`, `unless` or `onchanges` keeps it from running.',
  args,
  examples: [
    'install-tool:\n  cmd.script:\n    - source: salt://tools/install.sh\n    - args: --prefix /usr/local\n    - creates: /usr/local/bin/tool\n',
  ],
  repeats: true,
  check: runScript,
  refresh: runScript,
})

export const waitScript = stateFunction({
  summary: 'Runs a script from the tree only when a state that it watches changed.',
  args,
  examples: [
    'reindex:\n  cmd.wait_script:\n    - source: salt://search/reindex.sh\n    - watch:\n      - file: /etc/search.conf\n\n/etc/search.conf:\n  file.managed:\n    - source: salt://search/search.conf\n',
  ],
  check: async () => inSync(''),
  refresh: runScript,
})

async function runScript(wish: ScriptArguments, look: Reader, state: StateRun): Promise<Decision> {
  const [first = '', ...words] = wish.name.split(' ')
  const url = wish.source ?? first
  const parameters = wish.args ?? words.join(' ')
  // Rendered while checking, so that a mistake in the template shows in a dry run.
  const text = await renderSource(url, wish, look, state)
  return commandDecision(wish, look, state, (act, options) =>
    runScriptText(
      { id: state.id, text, parameters, folder: state.cachedir ?? '/var/cache/tsalt/minion' },
      wish,
      options,
      act,
    ),
  )
}
