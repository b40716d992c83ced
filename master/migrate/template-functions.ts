/** Execution functions that templates can call without a machine: they need arguments, grains and pillar alone. */
import { pureFunctions } from '../../shared/render/jinja/pure-calls/registry.ts'
import { saltCalls } from '../../shared/render/jinja/salt-calls/registry.ts'

export const templateFunctions: ReadonlySet<string> = new Set([...pureFunctions.keys(), ...saltCalls.keys()])
