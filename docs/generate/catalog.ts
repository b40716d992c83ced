/** docs/schema/catalog.json: what state and execution functions there are, for `tsalt migrate` on the master. */
import type { ExecModule } from '../../minion/modules/contract.ts'
import type { StateFunction, StateModule } from '../../minion/states/contract.ts'
import { argumentsOf } from './arguments.ts'

type Modules<Module> = Readonly<Record<string, Module>>

/** Shapes are those of the JSON Schemas beside it; `refreshes`: `watch` means more than `require`. */
export function catalogOf(states: Modules<StateModule>, modules: Modules<ExecModule>) {
  return {
    states: Object.fromEntries(
      Object.entries(states).map(([name, { functions }]) => [
        name,
        Object.fromEntries(Object.entries(functions).map(([fun, one]) => [fun, factsOf(one)])),
      ]),
    ),
    functions: Object.entries(modules)
      .flatMap(([name, { functions }]) => Object.keys(functions).map((fun) => `${name}.${fun}`))
      .sort(),
  }
}

function factsOf(definition: StateFunction) {
  const facts = argumentsOf(definition.args)
  return {
    refreshes: definition.refresh !== undefined,
    any: definition.anyArguments === true || definition.restArguments !== undefined,
    variables: definition.templateVariables === true,
    ignored: definition.ignored ?? [],
    required: facts.filter(({ needed, name }) => needed && name !== 'name').map(({ name }) => name),
    args: Object.fromEntries(facts.map(({ name, json }) => [name, json])),
  }
}
