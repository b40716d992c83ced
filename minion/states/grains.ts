/** grains.*: static grains, kept in the minion's file of grains. */
import * as v from 'valibot'
import {
  type Dict,
  equalValues,
  isDict,
  isList,
  type Plain,
  toPlain,
  traverse,
  type Value,
} from '../../shared/data/value.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { grainsText, withGrain } from '../grains/grain-path.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Decision,
  drift,
  type Failed,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
} from './contract.ts'
import { readTextFile, type TextFile, writeTextFile } from './text-file.ts'

const name = needed(nonEmptyText, 'The grain, `a:b` for one inside another.')
const delimiter = defaulted(text, ':', 'Stands between the parts of the name.')
const force = defaulted(
  flag,
  false,
  'Replace a list or mapping by what is no list or mapping, or the other way round.',
)
const valued = v.strictObject({ name, value: needed(anything, 'Its value.'), delimiter, force })
const listed = v.strictObject({ name, value: needed(anything, 'An item, or several.'), delimiter })

interface Grains {
  readonly kind: 'grains'
  readonly file: TextFile
  readonly data: Dict
  /** What is set now: in the file, else what the minion found out. */
  get(key: string, delimiter: string): Value | undefined
}

async function openGrains(look: Reader, run: StateRun): Promise<Grains | Failed> {
  const path = run.grains?.file
  if (path === undefined) return failed('There is no file of grains here')
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') return file
  const data = loadYaml(file.text, path) ?? new Map()
  if (!isDict(data)) return failed(`${path} is not a mapping of grains`)
  return {
    kind: 'grains',
    file,
    data,
    get: (key, mark) => traverse(data, key, mark) ?? traverse(look.grains, key, mark),
  }
}

function change(
  { file, data }: Grains,
  { name: key, delimiter: mark }: { name: string; delimiter: string },
  value: Value | undefined,
  told: { readonly changes: Readonly<Record<string, Plain>>; readonly would: string; readonly done: string },
  run: StateRun,
): Decision {
  const after = withGrain(data, key.split(mark), value)
  return drift(told.changes, told, async (act) => {
    await writeTextFile(file, grainsText(after), act, { mode: 0o640 })
    await run.grains?.refresh()
  })
}

const isScalar = (value: Value): boolean => !isDict(value) && !isList(value)
const shown = (value: Value): string => (isScalar(value) ? String(value) : JSON.stringify(toPlain(value)))

const present = stateFunction({
  summary: 'Makes sure that a grain has a value.',
  args: valued,
  examples: [
    'roles:\n  grains.present:\n    - value: [web, db]\n',
    'rack:position:\n  grains.present:\n    - value: 12\n',
  ],
  async check(wanted, look, run) {
    const grains = await openGrains(look, run)
    if (grains.kind !== 'grains') return grains
    const { name: key, value } = wanted
    const now = grains.get(key, wanted.delimiter)
    if (now !== undefined && equalValues(now, value)) return inSync('Grain is already set')
    if (now !== undefined && now !== null && isScalar(now) !== isScalar(value) && !wanted.force)
      return failed(
        `The grain ${key} exists and is ${isScalar(now) ? 'one value' : 'a list or a mapping'}`,
        'Give "force: True" to replace it.',
      )
    const told = {
      changes: { [key]: value },
      would: `Grain ${key} is set to be ${now === undefined ? 'added' : 'changed'}`,
      done: `Set grain ${key} to ${shown(value)}`,
    }
    return change(grains, wanted, value, told, run)
  },
})

const absent = stateFunction({
  summary: 'Makes sure that a grain has no value.',
  args: v.strictObject({
    name,
    destructive: defaulted(flag, false, 'Remove the grain; else it stays, as None.'),
    delimiter,
    force,
  }),
  examples: ['old-role:\n  grains.absent:\n    - destructive: True\n'],
  async check(wanted, look, run) {
    const grains = await openGrains(look, run)
    if (grains.kind !== 'grains') return grains
    const { name: key, destructive } = wanted
    const now = traverse(grains.data, key, wanted.delimiter)
    if (now === undefined) return inSync(`Grain ${key} does not exist`)
    if (now === null && !destructive) return inSync(`Grain ${key} has no value`)
    if (!isScalar(now) && !wanted.force && !destructive)
      return failed(
        `The grain ${key} exists and is a list or a mapping`,
        'Give "force: True" to take its value away.',
      )
    const told = destructive
      ? {
          changes: { deleted: key },
          would: `Grain ${key} is set to be deleted`,
          done: `Grain ${key} was deleted`,
        }
      : {
          changes: { grain: key, value: null },
          would: `Value for grain ${key} is set to be deleted (None)`,
          done: `Value for grain ${key} was set to None`,
        }
    return change(grains, wanted, destructive ? undefined : null, told, run)
  },
})

const items = (value: Value): Value[] => (isList(value) ? [...value] : [value])
const has = (list: readonly Value[], item: Value): boolean => list.some((one) => equalValues(one, item))

const listPresent = stateFunction({
  summary: 'Makes sure that the list of a grain has these items.',
  args: listed,
  examples: ['roles:\n  grains.list_present:\n    - value: web\n'],
  async check(wanted, look, run) {
    const grains = await openGrains(look, run)
    if (grains.kind !== 'grains') return grains
    const { name: key } = wanted
    const now = grains.get(key, wanted.delimiter) ?? []
    if (!isList(now)) return failed(`Grain ${key} is not a valid list`)
    const missing = items(wanted.value).filter((item) => !has(now, item))
    if (missing.length === 0) return inSync(`Value ${shown(wanted.value)} is already in grain ${key}`)
    const after = [...now, ...missing]
    const told = {
      changes: { new: after },
      would: `Value ${shown(wanted.value)} is set to be appended to grain ${key}`,
      done: `Append value ${shown(wanted.value)} to grain ${key}`,
    }
    return change(grains, wanted, after, told, run)
  },
})

const listAbsent = stateFunction({
  summary: 'Makes sure that the list of a grain does not have these items.',
  args: listed,
  examples: ['roles:\n  grains.list_absent:\n    - value: db\n'],
  async check(wanted, look, run) {
    const grains = await openGrains(look, run)
    if (grains.kind !== 'grains') return grains
    const { name: key } = wanted
    const now = grains.get(key, wanted.delimiter)
    if (now === undefined || now === null) return inSync(`Grain ${key} does not exist`)
    if (!isList(now)) return failed(`Grain ${key} is not a valid list`)
    const gone = items(wanted.value).filter((item) => has(now, item))
    if (gone.length === 0) return inSync(`Value ${shown(wanted.value)} is absent from grain ${key}`)
    const told = {
      changes: { deleted: gone },
      would: `Value ${shown(wanted.value)} is set to be deleted from grain ${key}`,
      done: `Value ${shown(wanted.value)} was deleted from grain ${key}`,
    }
    return change(
      grains,
      wanted,
      now.filter((one) => !has(gone, one)),
      told,
      run,
    )
  },
})

const append = stateFunction({
  summary: 'Makes sure that the list of a grain has an item; a list inside it counts as one.',
  args: v.strictObject({
    ...listed.entries,
    convert: defaulted(flag, false, 'Make a list of a grain that has one value.'),
  }),
  examples: ['roles:\n  grains.append:\n    - value: web\n    - convert: True\n'],
  async check(wanted, look, run) {
    const grains = await openGrains(look, run)
    if (grains.kind !== 'grains') return grains
    const { name: key, value } = wanted
    const now = grains.get(key, wanted.delimiter)
    if (now === undefined)
      return failed(`Grain ${key} does not exist`, 'Make it with grains.present or grains.list_present.')
    if (!isList(now) && !wanted.convert)
      return failed(`Grain ${key} is not a valid list`, 'Give "convert: True" to make it one.')
    const list = isList(now) ? now : [now]
    if (has(list, value)) return inSync(`Value ${shown(value)} is already in the list for grain ${key}`)
    const told = {
      changes: { added: value },
      would: `Value ${shown(value)} in grain ${key} is set to be added`,
      done: `Value ${shown(value)} was added to grain ${key}`,
    }
    return change(grains, wanted, [...list, value], told, run)
  },
})

export const grains = stateModule({
  summary: "Static grains, kept in the minion's file of grains.",
  functions: { present, absent, list_present: listPresent, list_absent: listAbsent, append },
})
