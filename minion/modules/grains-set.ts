/** The functions of `grains` that change static grains: they write the minion's file of grains, and have it read again. */
import {
  type Dict,
  equalValues,
  isDict,
  isList,
  type Plain,
  traverse,
  type Value,
} from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { pythonRepr } from '../../shared/output/python-text.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { grainsText, withGrain } from '../grains/grain-path.ts'
import { readTextFile, writeTextFile } from '../states/text-file.ts'
import type { Answer, ModuleContext } from './contract.ts'
import { changing } from './define.ts'

const key = needed(nonEmptyText, 'Name of a grain, `a:b` for one inside another.')
const delimiter = defaulted(text, ':', 'What separates the steps of a key.')
const force = defaulted(
  flag,
  false,
  'Also where a list or a mapping is replaced, or takes the place of one value.',
)
const destructive = defaulted(flag, false, 'A value of None removes the grain; else it stays, as None.')

export const grainChanges = {
  set: changing(
    'Sets a static grain on the minion, kept in its grains file.',
    'grains.set rack:position 12',
    { key, val: defaulted(anything, '', 'Its value.'), force, destructive, delimiter },
    (given, context) => setOne(given, context),
  ),
  setval: changing(
    'Sets a static grain, whatever it was; answers it.',
    "grains.setval roles '[web, db]'",
    { key, val: needed(anything, 'Its value.'), destructive },
    ({ key: name, val, destructive: gone }, context) => setAll(new Map([[name, val]]), gone, context),
  ),
  setvals: changing(
    'Sets several static grains, whatever they were; answers them.',
    "grains.setvals '{level: production, roles: [web]}'",
    { grains: needed(mapping, 'Name → value.'), destructive },
    ({ grains, destructive: gone }, context) => setAll(grains, gone, context),
  ),
  append: changing(
    'Adds an item to the list of a grain, which is made where there is none.',
    'grains.append roles web',
    {
      key,
      val: needed(anything, 'The item.'),
      convert: defaulted(flag, false, 'Make a list of one value.'),
      delimiter,
    },
    (given, context) => append(given, context),
  ),
  remove: changing(
    'Takes an item out of the list of a grain.',
    'grains.remove roles web',
    { key, val: needed(anything, 'The item.'), delimiter },
    (given, context) => remove(given, context),
  ),
  delval: changing(
    'Takes the value of a static grain away: it stays, as None.',
    'grains.delval level',
    {
      key,
      destructive: defaulted(flag, false, 'Remove the grain as well.'),
      force: optional(flag, 'As of set.'),
      delimiter,
    },
    (given, context) => setOne({ ...given, val: null, force: given.force ?? false }, context),
  ),
  delkey: changing(
    'Removes a static grain.',
    'grains.delkey level',
    { key, force, delimiter },
    (given, context) => setOne({ ...given, val: null, destructive: true }, context),
  ),
}

interface Wanted {
  readonly key: string
  readonly val: Value
  readonly force: boolean
  readonly destructive: boolean
  readonly delimiter: string
}

async function setOne(
  { key: name, val, force: forced, destructive: gone, delimiter: mark }: Wanted,
  context: ModuleContext,
) {
  const file = await openFile(context)
  const now = file.get(name, mark)
  const removes = val === null && gone
  const refused = (comment: string): Plain =>
    new Map<string, Plain>([
      ['comment', comment],
      ['changes', new Map()],
      ['result', false],
    ])
  if (removes ? traverse(file.data, name, mark) === undefined : now !== undefined && equalValues(now, val))
    return told(removes ? 'There is no such static grain' : 'Grain is already set', new Map())
  if (now !== undefined && now !== null && !forced && !removes) {
    if (isDict(now) || isList(now))
      return refused(`The key '${name}' exists but is a dict or a list. Use 'force=True' to overwrite.`)
    if (isDict(val) || isList(val))
      return refused(
        `The key '${name}' exists and the given value is a dict or a list. Use 'force=True' to overwrite.`,
      )
  }
  const steps = name.split(mark)
  for (let length = 1; length < steps.length && !forced; length++) {
    const above = file.get(steps.slice(0, length).join(mark), mark)
    if (above !== undefined && above !== null && !isDict(above))
      return refused(
        `The key '${steps.slice(0, length).join(mark)}' is no mapping, so nothing can be inside it. Use 'force=True' to replace it.`,
      )
  }
  await file.write(withGrain(file.data, steps, removes ? undefined : val))
  return told('', new Map([[name, val]]))
}

const told = (comment: string, changes: Dict): Plain =>
  new Map<string, Plain>([
    ['comment', comment],
    ['changes', changes],
    ['result', true],
  ])

async function setAll(grains: Dict, gone: boolean, context: ModuleContext): Promise<Plain> {
  const file = await openFile(context)
  let data = file.data
  for (const [name, val] of grains)
    data = withGrain(data, String(name).split(':'), val === null && gone ? undefined : val)
  if (!equalValues(data, file.data)) await file.write(data)
  return grains
}

async function append(
  given: { key: string; val: Value; convert: boolean; delimiter: string },
  context: ModuleContext,
): Promise<Plain | Answer> {
  const file = await openFile(context)
  const now = file.get(given.key, given.delimiter) ?? []
  const list = isList(now) ? now : given.convert ? [now] : undefined
  if (list === undefined) return notDone(`The key ${given.key} is not a valid list`)
  if (list.some((item) => equalValues(item, given.val)))
    return `The val ${shown(given.val)} was already in the list ${given.key}`
  return setList(file, given, [...list, given.val])
}

async function remove(
  given: { key: string; val: Value; delimiter: string },
  context: ModuleContext,
): Promise<Plain | Answer> {
  const file = await openFile(context)
  const now = file.get(given.key, given.delimiter) ?? []
  if (!isList(now)) return notDone(`The key ${given.key} is not a valid list`)
  const at = now.findIndex((item) => equalValues(item, given.val))
  if (at < 0) return `The val ${shown(given.val)} was not in the list ${given.key}`
  return setList(file, given, now.toSpliced(at, 1))
}

async function setList(
  file: GrainsFile,
  { key: name, delimiter: mark }: { key: string; delimiter: string },
  list: Value[],
): Promise<Plain> {
  await file.write(withGrain(file.data, name.split(mark), list))
  return new Map([[name, list]])
}

const notDone = (sentence: string): Answer => ({ ret: sentence, retcode: 1, format: 'nested' })
const shown = (value: Value): string => (typeof value === 'string' ? value : pythonRepr(value))

interface GrainsFile {
  readonly data: Dict
  /** What is set now: in the file, else what the minion found out. */
  get(key: string, delimiter: string): Value | undefined
  /** And has the minion read it again. */
  write(data: Dict): Promise<void>
}

/** @throws TsaltError `grain-failed`, and of YAML where it is broken */
async function openFile({ look, act, services }: ModuleContext): Promise<GrainsFile> {
  const path = services.grains.file
  if (path === undefined)
    throw new TsaltError('grain-failed', { file: 'grains', reason: 'there is no such file here' })
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') throw new TsaltError('grain-failed', { file: path, reason: file.comment })
  const data = loadYaml(file.text, path) ?? new Map()
  if (!isDict(data)) throw new TsaltError('grain-failed', { file: path, reason: 'it is not a mapping' })
  return {
    data,
    get: (name, mark) => traverse(data, name, mark) ?? traverse(look.grains, name, mark),
    async write(after) {
      await writeTextFile(file, grainsText(after), act, { mode: 0o640 })
      await services.grains.refresh()
    },
  }
}
