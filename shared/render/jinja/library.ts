/** Every filter, test and global: Jinja's own, and Salt's laid over them. */
import { plainFilters } from './filters/plain.ts'
import { selectingFilters } from './filters/selecting.ts'
import { serializingFilters } from './filters/serializing.ts'
import { textFilters } from './filters/texts.ts'
import { saltFilters, saltTests } from './salt/registry.ts'
import { builtinTests as jinjaTests } from './tests.ts'
import type { FilterFunction, Registry } from './values.ts'

export { builtinGlobals } from './globals.ts'

export const jinjaFilters: Registry = new Map<string, FilterFunction>([
  ...plainFilters,
  ...selectingFilters,
  ...textFilters,
  ...serializingFilters,
])

export const builtinFilters: Registry = new Map<string, FilterFunction>([...jinjaFilters, ...saltFilters])

export const builtinTests: Registry = new Map<string, FilterFunction>([...jinjaTests, ...saltTests])
