/** file.serialize: a file that holds data, written as YAML, JSON, TOML, Python or sections of `key = value`. */
import * as v from 'valibot'
import { Merger } from '../../../shared/data/merge.ts'
import { type Dict, isDict, traverse, type Value } from '../../../shared/data/value.ts'
import { isTsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything, mapping } from '../../../shared/schema/collections.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, choice, flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { backupChoice } from './argument-shapes.ts'
import { missingAccounts } from './attributes.ts'
import { backupFolder, planFile } from './content-plan.ts'
import { type Resolved, resolveLinks } from './link.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'
import { deserialize, SerializingError, serializerNames, serializeText } from './serializers.ts'

const serializer = choice(serializerNames)

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  dataset: optional(anything, 'The data.'),
  dataset_pillar: optional(nonEmptyText, 'Pillar key (`a:b`) that has the data.'),
  serializer: optional(serializer, 'How the data is written; default: `yaml`.'),
  formatter: optional(serializer, 'Old name of `serializer`.'),
  serializer_opts: optional(
    mapping,
    'Options of the serializer, such as `indent`, `sort_keys`, `width` and `allow_unicode`.',
  ),
  deserializer_opts: optional(mapping, 'Accepted for trees of Salt; what is there is read without options.'),
  merge_if_exists: defaulted(flag, false, 'Lay the data over what the file holds, key by key.'),
  user: optional(account, 'Owner.'),
  group: optional(account, 'Group.'),
  mode: optional(mode, "Permissions, such as '0644'."),
  makedirs: defaulted(flag, false, 'Make missing directories above the file.'),
  create: defaulted(flag, true, 'False: a file that does not exist is not made.'),
  backup: optional(backupChoice, '`minion`: keep the replaced file in the cache of the minion.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  encoding: optional(choice(['utf-8', 'utf8']), 'Letters beyond ASCII stand as they are instead of escaped.'),
  encoding_errors: defaulted(choice(['strict']), 'strict', 'Accepted for trees of Salt.'),
})
type SerializeArguments = v.InferOutput<typeof args>

export const serialize = stateFunction({
  summary: 'Makes sure that a file holds this data.',
  args,
  examples: [
    '/etc/docker/daemon.json:\n  file.serialize:\n    - serializer: json\n    - dataset:\n        log-driver: journald\n        live-restore: true\n    - merge_if_exists: True\n',
  ],
  refuse,
  check,
})

function refuse(wanted: SerializeArguments): ArgumentRefusal | undefined {
  if (wanted.serializer !== undefined && wanted.formatter !== undefined)
    return { argument: 'formatter', reason: 'only one of serializer and formatter is permitted' }
  const given = [wanted.dataset, wanted.dataset_pillar].filter((one) => one !== undefined)
  if (given.length === 2)
    return { argument: 'dataset_pillar', reason: 'only one of dataset and dataset_pillar is permitted' }
  return given.length === 0
    ? { argument: 'dataset', reason: 'dataset or dataset_pillar is needed' }
    : undefined
}

async function check(wanted: SerializeArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name } = wanted
  const target = await resolveLinks(name, look)
  if (target.info && target.info.type !== 'file')
    return failed(`${name} is a ${target.info.type}, not a file`)
  if (!target.info && !wanted.create) return inSync(`File ${name} is not present and is not set for creation`)
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const data = wanted.dataset ?? traverse(look.pillar, wanted.dataset_pillar ?? '', ':')
  if (data === undefined || data === null) return failed(`Pillar ${wanted.dataset_pillar} does not exist`)
  const text = await textFor(wanted, data, target, look)
  if (typeof text !== 'string') return text
  return decide(wanted, target, Buffer.from(text, 'utf8'), look, run)
}

async function decide(
  wanted: SerializeArguments,
  target: Resolved,
  content: Uint8Array,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const attributes = { user: wanted.user, group: wanted.group, mode: wanted.mode }
  const backupTo = backupFolder(wanted.backup, run)
  const { name, show_changes: showChanges } = wanted
  const plan = await planFile({ ...target, content, attributes, showChanges, backupTo }, look)
  if (!plan) return inSync(`File ${name} is in the correct state`)
  const obstacle = target.info
    ? undefined
    : await parentObstacle(wanted, 'Parent directory not present', look, run)
  return (
    obstacle ??
    drift(
      plan.changes,
      { would: `Dataset will be serialized and stored into ${name}`, done: `File ${name} updated` },
      async (act) => {
        if (wanted.makedirs) await makeParents(target.path, attributes, undefined, act)
        await plan.apply(act)
      },
    )
  )
}

async function textFor(
  wanted: SerializeArguments,
  data: Value,
  { path, info }: Resolved,
  look: Reader,
): Promise<string | Decision> {
  const name = wanted.serializer ?? wanted.formatter ?? 'yaml'
  const options = { opts: wanted.serializer_opts ?? new Map(), unicode: wanted.encoding !== undefined }
  try {
    if (!wanted.merge_if_exists || !info) return await serializeText(name, data, options)
    const text = Buffer.from(await look.files.read(path)).toString('utf8')
    const before = await deserialize(name, text, wanted.name)
    if (before === null) return await serializeText(name, data, options)
    if (!isDict(before) || !isDict(data))
      return failed(`merge_if_exists needs two mappings; ${wanted.name} or the data is none`)
    const merged = merge(before, data)
    // What holds the data already is left as it is written.
    return (await serializeText(name, merged, options)) === (await serializeText(name, before, options))
      ? text
      : await serializeText(name, merged, options)
  } catch (error) {
    if (error instanceof SerializingError) return failed(error.message)
    if (isTsaltError(error)) return failed(`Failed to deserialize existing data: ${error.message}`)
    throw error
  }
}

function merge(before: Dict, data: Dict): Dict {
  const merger = new Merger({ strategy: 'recurse', mergeLists: false })
  merger.add(before)
  merger.add(data)
  return merger.finish()
}
