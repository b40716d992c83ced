/** file.blockreplace: the lines between two markers of a file. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type ArgumentRefusal, type Decision, failed, type StateRun, stateFunction } from '../contract.ts'
import { accumulatedFor } from './accumulators.ts'
import { backupEnding } from './argument-shapes.ts'
import { replaceBlock } from './block-edit.ts'
import { editFile } from './edit.ts'
import { expressionMistake, withExpressions } from './expression.ts'
import { renderSource } from './render-source.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  marker_start: defaulted(nonEmptyText, '#-- start managed zone --', 'A part of the line above the block.'),
  marker_end: defaulted(nonEmptyText, '#-- end managed zone --', 'A part of the line below the block.'),
  content: defaulted(text, '', 'What stands between the markers.'),
  source: optional(text, '`salt://PATH` whose content is added to `content`.'),
  sources: optional(textList, 'Several of them.'),
  source_hash: optional(text, 'Accepted for trees of Salt; `salt://` sources are verified by themselves.'),
  source_hashes: optional(textList, 'Accepted for trees of Salt, as `source_hash`.'),
  template: defaulted(text, 'jinja', 'Render the sources with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  append_if_not_found: defaulted(
    flag,
    false,
    'Where the markers are not there, add the block at the end of the file.',
  ),
  prepend_if_not_found: defaulted(
    flag,
    false,
    'Where the markers are not there, add the block at its beginning.',
  ),
  insert_before_match: optional(
    nonEmptyText,
    'Where they are not there, add the block before the first line that this expression finds.',
  ),
  insert_after_match: optional(
    nonEmptyText,
    'Where they are not there, add the block after the first line that this expression finds.',
  ),
  append_newline: optional(flag, 'End the content with a newline; default: where it has none.'),
  backup: defaulted(backupEnding, '.bak', 'Ending of the copy that is kept beside the file; False: none.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
})
type BlockArguments = v.InferOutput<typeof args>

export const blockreplace = stateFunction({
  summary: 'Makes sure that this text stands between two markers of a file.',
  args,
  examples: [
    "/etc/hosts:\n  file.blockreplace:\n    - marker_start: '# start of the cluster'\n    - marker_end: '# end of the cluster'\n    - content: |\n        10.0.0.1 db1\n        10.0.0.2 db2\n    - append_if_not_found: True\n",
  ],
  refuse,
  check,
})

function refuse(wanted: BlockArguments): ArgumentRefusal | undefined {
  if (wanted.append_if_not_found && wanted.prepend_if_not_found)
    return {
      argument: 'prepend_if_not_found',
      reason: 'only one of append_if_not_found and prepend_if_not_found is permitted',
    }
  if (wanted.insert_before_match !== undefined && wanted.insert_after_match !== undefined)
    return {
      argument: 'insert_after_match',
      reason: 'only one of insert_before_match and insert_after_match is permitted',
    }
  for (const argument of ['insert_before_match', 'insert_after_match'] as const) {
    const mistake = expressionMistake(wanted[argument] ?? '')
    if (mistake !== undefined) return { argument, reason: mistake }
  }
  return undefined
}

async function check(wanted: BlockArguments, look: Reader, run: StateRun): Promise<Decision> {
  return editFile(wanted, look, run, async (file) => {
    const content = file.own(await contentOf(wanted, look, run))
    const edited = withExpressions(() =>
      replaceBlock(file.text, {
        start: file.own(wanted.marker_start),
        end: file.own(wanted.marker_end),
        content,
        endsContent: wanted.append_newline ?? !content.endsWith('\n'),
        place: placeOf(wanted, file.own),
      }),
    )
    if (typeof edited === 'object' && 'kind' in edited) return edited
    if ('text' in edited) return edited
    return failed(edited.problem, edited.hint)
  })
}

function placeOf(wanted: BlockArguments, own: (argument: string) => string) {
  const { insert_before_match: before, insert_after_match: after } = wanted
  if (wanted.prepend_if_not_found) return { kind: 'start' } as const
  if (wanted.append_if_not_found) return { kind: 'end' } as const
  if (before !== undefined) return { kind: 'before', expression: own(before) } as const
  return after === undefined ? undefined : ({ kind: 'after', expression: own(after) } as const)
}

/** The content itself, what was accumulated for the file, and the sources, in Salt's order. */
async function contentOf(wanted: BlockArguments, look: Reader, run: StateRun): Promise<string> {
  let content = wanted.content
  for (const texts of accumulatedFor(wanted.name, run).values())
    for (const one of texts) content = content === '' ? one : `${content}\n${one}`
  const sources = [...(wanted.source === undefined ? [] : [wanted.source]), ...(wanted.sources ?? [])]
  for (const url of sources) content += await renderSource(url, wanted, look, run)
  return content
}
