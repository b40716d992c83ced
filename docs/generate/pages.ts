/** Every generated file of docs/, by its path below docs/. The same code gives the same text. */
import { orchestrationModules } from '../../master/orchestrate/registry.ts'
import { execModules } from '../../minion/modules/registry.ts'
import { stateModules } from '../../minion/states/registry.ts'
import { catalogOf } from './catalog.ts'
import { indexPage, modulePage, statePage } from './function-pages.ts'
import { handlebarsPage } from './handlebars-page.ts'
import { moduleSchema, slsSchema } from './json-schemas.ts'
import { openApi } from './openapi.ts'
import { orchestrationPage } from './orchestration-page.ts'
import { configurationPage, errorsPage } from './table-pages.ts'
import { typeDeclarations } from './type-declarations.ts'

/** Folders that hold nothing but generated files. */
export const generatedFolders = ['reference', 'schema', 'types'] as const

export function generatePages(): ReadonlyMap<string, string> {
  const pages = new Map<string, string>()
  for (const [name, module] of Object.entries(stateModules)) {
    pages.set(`reference/states/${name}.md`, statePage(name, module))
    pages.set(`schema/states/${name}.schema.json`, writeJson(moduleSchema(name, module)))
  }
  pages.set('schema/states/salt.schema.json', writeJson(moduleSchema('salt', orchestration)))
  for (const [name, module] of Object.entries(execModules))
    pages.set(`reference/modules/${name}.md`, modulePage(name, module))
  pages.set('reference/states.md', indexPage('State modules', 'states', stateModules))
  pages.set('reference/modules.md', indexPage('Execution modules', 'modules', execModules))
  pages.set('reference/errors.md', errorsPage())
  pages.set('reference/handlebars.md', handlebarsPage())
  pages.set('reference/orchestration.md', orchestrationPage())
  pages.set('reference/configuration.md', configurationPage())
  pages.set('schema/sls.schema.json', writeJson(slsSchema({ ...stateModules, salt: orchestration })))
  pages.set('schema/catalog.json', writeJson(catalogOf(stateModules, execModules)))
  pages.set('schema/modules.json', writeJson(Object.keys(execModules).sort()))
  pages.set('schema/openapi.json', writeJson(openApi()))
  pages.set('types/tsalt.d.ts', typeDeclarations())
  return new Map([...pages].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** An SLS of an orchestration is a file as every other: an editor completes its states as well. */
const orchestration = {
  summary: 'States of orchestrations, which the master runs.',
  functions: orchestrationModules.salt ?? {},
}

const writeJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
