/** All of Salt's filters and tests by name, to be laid over those of Jinja itself. */
import { defineTest, equalRuntime, type FilterFunction, type Registry } from '../values.ts'
import { combiningFilters } from './combining.ts'
import { dateFilters } from './dates.ts'
import { dictFilters } from './dicts.ts'
import { hashFilters } from './hashes.ts'
import { jsonFilters } from './json.ts'
import { listFilters } from './lists.ts'
import { networkFilters } from './network.ts'
import { randomFilters } from './randoms.ts'
import { hostFilters } from './refused.ts'
import { regexFilters, regexTests } from './regex.ts'
import { stringFilters } from './strings.ts'
import { uuidFilters } from './uuid.ts'
import { yamlFilters } from './yaml.ts'

/** `indent` is not among them: Salt leaves Jinja's own in place. */
export const saltFilters: Registry = new Map<string, FilterFunction>([
  ...stringFilters,
  ...listFilters,
  ...combiningFilters,
  ...dictFilters,
  ...regexFilters,
  ...hashFilters,
  ...randomFilters,
  ...uuidFilters,
  ...yamlFilters,
  ...jsonFilters,
  ...dateFilters,
  ...networkFilters,
  ...hostFilters,
])

export const saltTests: Registry = new Map<string, FilterFunction>([
  ...regexTests,
  defineTest('equalto', ['value', 'other'], (_context, value, other = null) =>
    equalRuntime(value ?? null, other),
  ),
  defineTest('list', ['value'], (_context, value) => Array.isArray(value)),
])
