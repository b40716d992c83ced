/** Data as the text of a file and back, as Salt's serializers write it. The writers are loaded by the first use. */
import { type Dict, isDict, isList, PyFloat, type Value } from '../../../shared/data/value.ts'
import { readLooseText } from '../../../shared/schema/scalars.ts'

export const serializerNames = ['yaml', 'json', 'toml', 'python', 'configparser'] as const
export type SerializerName = (typeof serializerNames)[number]

/** The data has something that the form lacks. */
export class SerializingError extends Error {}

export interface SerializerOptions {
  readonly opts: Dict
  /** Letters beyond ASCII stand as they are. */
  readonly unicode: boolean
}

/** The whole text of the file. @throws SerializingError */
export async function serializeText(
  name: SerializerName,
  data: Value,
  options: SerializerOptions,
): Promise<string> {
  if (name === 'yaml') return `${await yamlText(data, options)}\n`
  if (name === 'json') return `${await jsonText(data, options)}\n`
  if (name === 'toml') return tomlText(data)
  if (name === 'configparser') return `${sections(data)}\n`
  const { repr } = await import('../../../shared/render/jinja/values.ts')
  return `${repr(data)}\n`
}

/** @throws TsaltError of the form, with the place; SerializingError for those that are only written */
export async function deserialize(name: SerializerName, text: string, file: string): Promise<Value> {
  if (name === 'yaml') return (await import('../../../shared/render/yaml.ts')).loadYaml(text, file)
  if (name === 'json')
    return text.trim() === '' ? null : (await import('../../../shared/render/json.ts')).loadJson(text, file)
  if (name === 'configparser') return sectionsOf(text)
  if (name === 'toml') return tomlValue((await import('smol-toml')).parse(text))
  throw new SerializingError(`merge_if_exists is not supported for the ${name} serializer`)
}

const isTrue = (value: Value | undefined, otherwise: boolean): boolean =>
  value === undefined || value === null ? otherwise : value !== false && value !== 0 && value !== ''

const numberIn = (value: Value | undefined, least: number, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least ? value : otherwise

async function yamlText(data: Value, { opts, unicode }: SerializerOptions): Promise<string> {
  const { writeYaml } = await import('../../../shared/render/yaml-writer/emitter.ts')
  const { writerDefaults } = await import('../../../shared/render/yaml-writer/nodes.ts')
  const { nodeOf } = await import('../../../shared/render/yaml-writer/represent.ts')
  const indent = numberIn(opts.get('indent'), 2, 2)
  const options = {
    ...writerDefaults,
    flowStyle: isTrue(opts.get('default_flow_style'), false),
    sortKeys: isTrue(opts.get('sort_keys'), true),
    allowUnicode: isTrue(opts.get('allow_unicode'), unicode),
    indent: Math.min(indent, 9),
    width: numberIn(opts.get('width'), indent * 2 + 1, 80),
    explicitStart: isTrue(opts.get('explicit_start'), false),
    explicitEnd: isTrue(opts.get('explicit_end'), false),
  }
  return writeYaml(nodeOf(data, options), options).replace(/(?:\n\.\.\.)?\n$/, '')
}

async function jsonText(data: Value, { opts, unicode }: SerializerOptions): Promise<string> {
  const { pythonJson } = await import('../../../shared/render/jinja/filters/json-text.ts')
  const separators = opts.get('separators')
  const [item, key] = isList(separators) ? separators : [',', ': ']
  return pythonJson(data, {
    indent: numberIn(opts.get('indent'), 0, 2),
    separators: [String(item), String(key)],
    sortKeys: isTrue(opts.get('sort_keys'), true),
    ensureAscii: isTrue(opts.get('ensure_ascii'), !unicode),
  })
}

async function tomlText(data: Value): Promise<string> {
  const { stringify } = await import('smol-toml')
  if (!isDict(data)) throw new SerializingError('TOML holds a mapping at its top')
  return stringify(plainForToml(data) as Record<string, unknown>)
}

function plainForToml(value: Value): unknown {
  if (value === null) throw new SerializingError('TOML has no null; leave the key out')
  if (value instanceof PyFloat) return value.value
  if (isList(value)) return value.map(plainForToml)
  if (!isDict(value)) return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, item] of value) plain[String(key)] = plainForToml(item)
  return plain
}

/** Dates come back as their text. */
function tomlValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(tomlValue)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, item]) => [key, tomlValue(item)]))
  return value as Value
}

/** Sections of `key = value`, as Python's configparser writes them: keys in small letters. */
function sections(data: Value): string {
  if (!isDict(data)) throw new SerializingError('configparser needs a mapping of sections')
  let text = ''
  for (const [section, items] of data) {
    if (!isDict(items)) throw new SerializingError(`the section ${String(section)} is no mapping`)
    text += `[${String(section)}]\n`
    for (const [key, item] of items) {
      const value = item === null ? 'None' : readLooseText(item)
      if (value === undefined)
        throw new SerializingError(`${String(section)}.${String(key)} is neither text nor number`)
      text += `${String(key).toLowerCase()} = ${value.replaceAll('\n', '\n\t')}\n`
    }
    text += '\n'
  }
  return text
}

function sectionsOf(text: string): Dict {
  const data: Dict = new Map()
  let section: Dict | undefined
  let last: string | undefined
  for (const line of text.split('\n')) {
    const header = /^\[([^\]]+)\]/.exec(line)
    const pair = /^([^\s=:#;][^=:]*?)\s*[=:]\s*(.*)$/.exec(line)
    if (/^\s*(?:[#;].*)?$/.test(line)) continue
    if (header) {
      section = new Map()
      data.set(header[1] ?? '', section)
    } else if (/^\s/.test(line) && section && last !== undefined)
      section.set(last, `${String(section.get(last))}\n${line.trim()}`)
    else if (pair && section) {
      last = (pair[1] ?? '').toLowerCase()
      section.set(last, pair[2] ?? '')
    } else
      throw new SerializingError(
        `Failed to deserialize existing data: the line "${line.slice(0, 80)}" is no pair`,
      )
  }
  return data
}
