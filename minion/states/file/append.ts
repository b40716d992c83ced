/** file.append: lines that have to be somewhere in a file, added at its end where they are not. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { lines, mapping, textList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { planFile } from './content-plan.ts'
import { resolveLinks } from './link.ts'
import { blockingParent, makeParents, parentHint, parentState } from './parents.ts'
import { renderSource } from './render-source.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  text: optional(lines, 'What has to be in it, each item by itself.'),
  source: optional(text, '`salt://PATH` whose content has to be in it.'),
  sources: optional(textList, 'Several of them.'),
  template: optional(text, 'Render the sources with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the file.'),
  ignore_whitespace: defaulted(flag, true, 'Spaces and tabs count as one space when the text is looked for.'),
  source_hash: optional(text, 'Accepted for trees of Salt; `salt://` sources are verified by themselves.'),
})
type AppendArguments = v.InferOutput<typeof args>

export const append = stateFunction({
  summary: 'Makes sure that a file contains these lines, adding them at its end.',
  args,
  examples: [
    '/etc/modules:\n  file.append:\n    - text: br_netfilter\n',
    '/root/.bashrc:\n  file.append:\n    - text:\n        - export EDITOR=vim\n        - alias ll="ls -l"\n',
  ],
  refuse: (given) =>
    given.text === undefined && given.source === undefined && given.sources === undefined
      ? { argument: 'text', reason: 'text, source or sources is needed' }
      : undefined,
  check,
})

async function check(wanted: AppendArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const { path, info } = await resolveLinks(name, look)
  if (info && info.type !== 'file') return failed(`${name} is a ${info.type}, not a file`)
  if (!info && mayComeWithPackage(run))
    return unknown(`${name} may come with a package that is not installed yet`)
  const obstacle = info ? undefined : await parentObstacle(wanted, look, run)
  if (obstacle) return obstacle
  const before = info ? Buffer.from(await look.files.read(path)).toString('utf8') : ''
  const missing = (await wantedTexts(wanted, look, run)).filter(
    (part) => !contains(before, part, wanted.ignore_whitespace),
  )
  if (missing.length === 0 && info) return inSync(`File ${name} is in correct state`)
  const after = `${before === '' || before.endsWith('\n') ? before : `${before}\n`}${missing.map((part) => `${part}\n`).join('')}`
  const content = Buffer.from(after, 'utf8')
  const plan = await planFile({ path, info, content, attributes: {}, showChanges: true }, look)
  if (!plan) return inSync(`File ${name} is in correct state`)
  const count = missing.reduce((sum, part) => sum + part.split('\n').length, 0)
  return drift(
    plan.changes,
    { would: `File ${name} is set to be updated`, done: `Appended ${count} lines` },
    async (act) => {
      if (wanted.makedirs) await makeParents(path, {}, undefined, act)
      await plan.apply(act)
    },
  )
}

/** Who requires a package expects its files: what they hold, a dry run cannot know before it is installed. */
function mayComeWithPackage({ test, required = [], predicted }: StateRun): boolean {
  const packages = required.filter(({ state }) => state === 'pkg')
  return test && predicted.some(({ id, state }) => state === 'pkg' && packages.some((one) => one.id === id))
}

/** Each item of `text`, and each source, without the newline at its end. */
async function wantedTexts(wanted: AppendArguments, look: Reader, run: StateRun): Promise<string[]> {
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

async function parentObstacle(
  { name, makedirs }: AppendArguments,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  const blocking = await blockingParent(name, look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${name} cannot be made`)
  if (makedirs) return undefined
  const parent = await parentState(name, look, run)
  if (parent === 'uncertain')
    return unknown(`the directory of ${name} does not exist yet; an earlier state may make it`)
  return parent === 'missing' ? failed('Parent directory not present', parentHint(name)) : undefined
}
