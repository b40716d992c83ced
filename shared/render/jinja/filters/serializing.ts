/** Salt's filters between data and text: yaml, json, python, load_yaml, load_json, load_text. */
import type { Value } from '../../../data/value.ts'
import { writeYaml } from '../../yaml-writer/emitter.ts'
import { writerDefaults } from '../../yaml-writer/nodes.ts'
import { nodeOf } from '../../yaml-writer/represent.ts'
import { strip } from '../methods/text-parts.ts'
import { TemplateModule } from '../objects.ts'
import {
  defineFilter,
  type FilterFunction,
  isInt,
  Markup,
  numberOf,
  PyError,
  type RuntimeValue,
  str,
  textOf,
  truthy,
} from '../values.ts'
import { pythonJson } from './json-text.ts'
import { loadedYaml } from './loaded-yaml.ts'
import { pretty } from './pretty.ts'

function textFrom(value: RuntimeValue): string {
  if (value instanceof TemplateModule) return value.output.text
  return textOf(value) ?? str(value)
}

/** As Salt's filter: without blanks at the ends. */
export function yamlText(value: RuntimeValue, isFlow: RuntimeValue): string {
  const options = { ...writerDefaults, flowStyle: isFlow === null ? undefined : truthy(isFlow) }
  return strip(writeYaml(nodeOf(value, options), options), undefined, true, true)
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
  return loaded(loadedYaml(text, 'load_json'))
}

function loaded(value: Value): RuntimeValue {
  return value
}

export const serializingFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter(
    'yaml',
    ['value', ['flow_style', true]],
    (_, value, isFlow) => new Markup(yamlText(value, isFlow)),
  ),
  defineFilter(
    'json',
    ['value', ['sort_keys', true], ['indent', null]],
    (_, value, sortKeys, indent) =>
      new Markup(
        pythonJson(value, {
          sortKeys: truthy(sortKeys),
          ensureAscii: false,
          indent: isInt(indent) ? (numberOf(indent) ?? 0) : textOf(indent),
        }).trim(),
      ),
  ),
  defineFilter('python', ['value'], (_, value) => new Markup(strip(pretty(value), undefined, true, true))),
  defineFilter(
    'dict_to_sls_yaml_params',
    ['value', ['flow_style', false]],
    (_, value, isFlow) => new Markup(yamlText(parameters(value), isFlow)),
  ),
  defineFilter('load_yaml', ['value'], (_, value) => loaded(loadedYaml(textFrom(value), 'load_yaml'))),
  defineFilter('load_json', ['value'], (_, value) => loadJson(textFrom(value))),
  defineFilter('load_text', ['value'], (_, value) => textFrom(value)),
]
