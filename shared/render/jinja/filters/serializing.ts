/** Salt's filters between data and text: yaml, json, python, load_yaml, load_json, load_text. */
import type { Value } from '../../../data/value.ts'
import { loadYaml } from '../../yaml.ts'
import { resolvePlain } from '../../yaml-scalars.ts'
import { TemplateModule } from '../objects.ts'
import { doubleQuoted, singleQuoted } from '../salt/yaml.ts'
import { floatText } from '../values/text.ts'
import {
  defineFilter,
  type FilterFunction,
  isInt,
  isNumber,
  numberOf,
  PyError,
  PyObject,
  type RuntimeValue,
  repr,
  sequenceOf,
  str,
  textOf,
  truthy,
  typeName,
  Undefined,
} from '../values.ts'
import { pythonJson } from './json-text.ts'

const deepest = 100

function textFrom(value: RuntimeValue): string {
  if (value instanceof TemplateModule) return value.output.text
  return textOf(value) ?? str(value)
}

/** Text that needs no quotes anywhere, in flow collections too. */
const plainText = /^[A-Za-z0-9_./$(][\w./$()+@^;<>~=-]*(?: [\w./$()+@^;<>~=-]+)*$/

export function yamlScalar(value: RuntimeValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isInt(value)) return value.toString()
  if (isNumber(value)) return yamlFloat(numberOf(value) ?? 0)
  if (value instanceof Undefined) value.fail()
  const text = textOf(value)
  if (text === undefined)
    throw new PyError('TypeError', `cannot represent an object of type ${typeName(value)} in YAML`)
  if (plainText.test(text) && resolvePlain(text) === text) return text
  return /[\p{Cc}\p{Cs}\ufeff\u2028\u2029]/u.test(text) ? doubleQuoted(text) : singleQuoted(text)
}

function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  const text = floatText(value)
  return text.includes('.') ? text : text.replace('e', '.0e')
}

/** Items of lists, tuples and what else gives items; undefined: a scalar. */
function itemsOf(value: RuntimeValue): readonly RuntimeValue[] | undefined {
  if (textOf(value) !== undefined || value instanceof Undefined) return undefined
  return sequenceOf(value) ?? (value instanceof PyObject ? value.items() : undefined)
}

function flow(value: RuntimeValue, depth: number): string {
  if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${yamlScalar(key)}: ${flow(item, depth + 1)}`).join(', ')}}`
  const items = itemsOf(value)
  return items === undefined
    ? yamlScalar(value)
    : `[${items.map((item) => flow(item, depth + 1)).join(', ')}]`
}

/** Starts with a newline where the value takes lines of its own. */
function block(value: RuntimeValue, margin: string, depth: number): string {
  if (depth > deepest) throw new PyError('LimitError', `data nested more than ${deepest} levels`)
  if (value instanceof Map && value.size > 0)
    return [...value]
      .map(
        ([key, item]) =>
          `\n${margin}${yamlScalar(key)}:${block(item, itemsOf(item) === undefined ? `${margin}  ` : margin, depth + 1)}`,
      )
      .join('')
  const items = itemsOf(value)
  if (items !== undefined && items.length > 0)
    return items.map((item) => `\n${margin}- ${block(item, `${margin}  `, depth + 1).trimStart()}`).join('')
  return ` ${flow(value, depth)}`
}

export function yamlText(value: RuntimeValue, isFlow: boolean): string {
  return isFlow ? flow(value, 0) : block(value, '', 0).trimStart()
}

function parameters(value: RuntimeValue): RuntimeValue {
  if (!(value instanceof Map)) throw new PyError('TypeError', 'dict_to_sls_yaml_params takes a dict')
  return [...value].map(([key, item]) => new Map([[key, item]]))
}

function loadJson(text: string): RuntimeValue {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new PyError(
      'TemplateRuntimeError',
      `Unable to load json: ${error instanceof Error ? error.message : ''}`,
    )
  }
  // The YAML reader keeps ints and floats apart, and the order of keys.
  return loaded(loadYaml(text, 'load_json'))
}

function loaded(value: Value): RuntimeValue {
  return value
}

export const serializingFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('yaml', ['value', ['flow_style', true]], (_, value, isFlow) =>
    yamlText(value, truthy(isFlow)),
  ),
  defineFilter('json', ['value', ['sort_keys', true], ['indent', null]], (_, value, sortKeys, indent) =>
    pythonJson(value, {
      sortKeys: truthy(sortKeys),
      indent: isInt(indent) ? (numberOf(indent) ?? 0) : undefined,
    }),
  ),
  defineFilter('python', ['value'], (_, value) => repr(value)),
  defineFilter('dict_to_sls_yaml_params', ['value', ['flow_style', false]], (_, value, isFlow) =>
    yamlText(parameters(value), truthy(isFlow)),
  ),
  defineFilter('load_yaml', ['value'], (_, value) => loaded(loadYaml(textFrom(value), 'load_yaml'))),
  defineFilter('load_json', ['value'], (_, value) => loadJson(textFrom(value))),
  defineFilter('load_text', ['value'], (_, value) => textFrom(value)),
]
