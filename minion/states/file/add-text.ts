/** What file.append and file.prepend have in common: texts that have to be in a file, and where they go. */

import type { Dict } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { lines, mapping, textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  unknown,
} from '../contract.ts'
import { planFile } from './content-plan.ts'
import { resolveLinks } from './link.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'
import { renderSource } from './render-source.ts'

export const addedTextArguments = {
  name: needed(absolutePath, 'The file.'),
  text: optional(lines, 'What has to be in it, each item by itself.'),
  source: optional(text, '`salt://PATH` whose content has to be in it.'),
  sources: optional(textList, 'Several of them.'),
  template: optional(text, 'Render the sources with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the file.'),
  source_hash: optional(text, 'Accepted for trees of Salt; `salt://` sources are verified by themselves.'),
  source_hashes: optional(textList, 'Accepted for trees of Salt, as `source_hash`.'),
}

export interface AddedText {
  readonly name: string
  readonly text?: readonly string[]
  readonly source?: string
  readonly sources?: readonly string[]
  readonly template?: string
  readonly context?: Dict
  readonly defaults?: Dict
  readonly makedirs: boolean
  readonly ignore_whitespace?: boolean
}

/** `header`: the very beginning of the file, whatever else is in it. */
export type AddedPlace = 'end' | 'beginning' | 'header'

export const noText = (given: AddedText): ArgumentRefusal | undefined =>
  given.text === undefined && given.source === undefined && given.sources === undefined
    ? { argument: 'text', reason: 'text, source or sources is needed' }
    : undefined

export async function addText(
  wanted: AddedText,
  place: AddedPlace,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const { name } = wanted
  const { path, info } = await resolveLinks(name, look)
  if (info && info.type !== 'file') return failed(`${name} is a ${info.type}, not a file`)
  if (!info && mayComeWithPackage(run))
    return unknown(`${name} may come with a package that is not installed yet`)
  const obstacle = info ? undefined : await parentObstacle(wanted, 'Parent directory not present', look, run)
  if (obstacle) return obstacle
  const before = info ? Buffer.from(await look.files.read(path)) : Buffer.alloc(0)
  const parts = await wantedTexts(wanted, look, run)
  const missing = missingTexts(before.toString('utf8'), parts, place, wanted.ignore_whitespace ?? true)
  const inPlace = inSync(`File ${name} is in correct state`)
  if (missing.length === 0 && info) return inPlace
  const content = joined(before, missing, place)
  const plan = await planFile({ path, info, content, attributes: {}, showChanges: true }, look)
  if (!plan) return inPlace
  const count = missing.reduce((sum, part) => sum + part.split('\n').length, 0)
  const did = place === 'end' ? 'Appended' : 'Prepended'
  return drift(
    plan.changes,
    { would: `File ${name} is set to be updated`, done: `${did} ${count} lines` },
    async (act) => {
      if (wanted.makedirs) await makeParents(path, {}, undefined, act)
      await plan.apply(act)
    },
  )
}

function missingTexts(
  before: string,
  parts: readonly string[],
  place: AddedPlace,
  ignoreWhitespace: boolean,
): readonly string[] {
  if (place !== 'header') return parts.filter((part) => !contains(before, part, ignoreWhitespace))
  const head = parts.map((part) => `${part}\n`).join('')
  return before.startsWith(head) || before === head.slice(0, -1) ? [] : parts
}

/** What is there stays byte by byte, whatever its encoding. */
function joined(before: Buffer, missing: readonly string[], place: AddedPlace): Uint8Array {
  const added = Buffer.from(missing.map((part) => `${part}\n`).join(''), 'utf8')
  if (place !== 'end') return Buffer.concat([added, before])
  const ended = before.length === 0 || before.at(-1) === 0x0a
  return Buffer.concat([before, Buffer.from(ended ? '' : '\n'), added])
}

/** Who requires a package expects its files: what they hold, a dry run cannot know before it is installed. */
function mayComeWithPackage({ test, required = [], predicted }: StateRun): boolean {
  const packages = required.filter(({ state }) => state === 'pkg')
  return test && predicted.some(({ id, state }) => state === 'pkg' && packages.some((one) => one.id === id))
}

/** Each item of `text`, and each source, without the newline at its end. */
async function wantedTexts(wanted: AddedText, look: Reader, run: StateRun): Promise<string[]> {
  const texts = [...(wanted.text ?? [])]
  const sources = [...(wanted.source === undefined ? [] : [wanted.source]), ...(wanted.sources ?? [])]
  for (const url of sources) texts.push(await renderSource(url, wanted, look, run))
  return texts.map((part) => part.replace(/\n+$/, '')).filter((part) => part !== '')
}

/** Whether the lines stand in the text one after the other, whole lines only. */
function contains(text: string, part: string, ignoreWhitespace: boolean): boolean {
  const squeeze = (line: string): string => (ignoreWhitespace ? line.trim().replace(/\s+/g, ' ') : line)
  const have = text.split('\n').map(squeeze)
  const want = part.split('\n').map(squeeze)
  return have.some((_, start) => want.every((line, index) => have[start + index] === line))
}
