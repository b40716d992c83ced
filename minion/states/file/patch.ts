/** file.patch: a patch applied to a file. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { type Edit, editFile } from './edit.ts'
import { type Misfit, patchText } from './patch-text.ts'
import { renderSource } from './render-source.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file that is patched.'),
  source: needed(nonEmptyText, 'The patch: `salt://PATH` or a path on this machine.'),
  source_hash: optional(text, 'Accepted for trees of Salt; `salt://` sources are verified by themselves.'),
  source_hash_name: optional(text, 'Accepted for trees of Salt.'),
  skip_verify: defaulted(flag, false, 'Accepted for trees of Salt.'),
  template: optional(text, 'Render the patch with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  strip: optional(whole, 'Accepted for trees of Salt; one file is patched whatever the patch calls it.'),
  options: defaulted(
    text,
    '',
    'Words for patch(1) that say how it compares: `-l`, `--ignore-whitespace`, `-F 3`.',
  ),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
})
type PatchArguments = v.InferOutput<typeof args>

/** Words of patch(1) that mean something here, or mean nothing for one file. */
const harmless =
  /^(?:-l|--ignore-whitespace|-F ?\d+|--fuzz=\d+|-p ?\d+|--strip=\d+|-u|-c|-n|--unified|--context|--normal|-N|--forward|-E|--binary)$/

export const patch = stateFunction({
  summary: 'Makes sure that a patch is applied to a file.',
  args,
  examples: ['/opt/app/settings.py:\n  file.patch:\n    - source: salt://app/settings.patch\n'],
  refuse: ({ options }) => {
    const odd = wordsOf(options).find((word) => !harmless.test(word))
    return odd === undefined ? undefined : { argument: 'options', reason: `"${odd}" is not permitted` }
  },
  check,
})

async function check(wanted: PatchArguments, look: Reader, run: StateRun): Promise<Decision> {
  const diff = await renderSource(wanted.source, wanted, look, run)
  return editFile(wanted, look, run, ({ text: before, own }) => patched(before, own(diff), wanted))
}

const applied = 'Patch was already applied'

function patched(text: string, diff: string, { options }: PatchArguments): Edit {
  const words = wordsOf(options)
  const fuzz = words
    .map((word) => /^(?:-F|--fuzz=)(\d+)$/.exec(word)?.[1])
    .find((digits) => digits !== undefined)
  const ignoreBlanks = words.some((word) => word === '-l' || word === '--ignore-whitespace')
  let misfit: Misfit = { hunk: 0, of: 0 }
  const most = Number(fuzz ?? 2)
  for (const how of [{ fuzz: 0, ignoreBlanks }, ...(most > 0 ? [{ fuzz: most, ignoreBlanks }] : [])]) {
    // Backwards first: what can be taken out again is in already.
    const back = patchText(text, diff, { ...how, reverse: true })
    if (typeof back === 'string') return inSync(applied)
    if (back.hunk === 0)
      return failed(
        'The patch has no hunk that can be read',
        'It has to be a unified diff, as of diff -u or git diff.',
      )
    const forth = patchText(text, diff, { ...how, reverse: false })
    if (typeof forth === 'string')
      return { text: forth, would: 'The patch would be applied', done: 'Patch successfully applied' }
    misfit = forth
  }
  return failed(
    `Patch would not apply cleanly, no changes made: hunk ${misfit.hunk} of ${misfit.of} does not fit`,
  )
}

const wordsOf = (options: string): string[] =>
  options
    .replace(/(-[Fp])\s+(\d)/g, '$1$2')
    .split(/\s+/)
    .filter((word) => word !== '')
