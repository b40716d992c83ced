/** docs/reference/orchestration.md: the states that an orchestration may have. */
import { orchestrationModules } from '../../master/orchestrate/registry.ts'
import { generatedNote, stateSection } from './function-pages.ts'

const introduction =
  'What `tsalt-run state.orchestrate` runs; [the guide](../guide/orchestration.md) tells of it. Every state also takes the requisites and `names`, `order`, `onlyif`, `unless` (runners), `retry`, `failhard`, `parallel`, `fire_event`.'

export function orchestrationPage(): string {
  const functions = Object.entries(orchestrationModules).flatMap(([module, states]) =>
    Object.entries(states).map(([fun, definition]) => [`${module}.${fun}`, definition] as const),
  )
  const contents = functions.map(([name]) => `[${name}](#${name.replaceAll('.', '')})`).join(' · ')
  const sections = functions.map(([name, definition]) => stateSection(name, definition))
  return `${generatedNote}\n\n# States of orchestrations\n\n${introduction}\n\n${contents}\n\n${sections.join('\n')}`
}
