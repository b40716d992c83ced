/** docs/schema/*.schema.json: SLS files and state arguments for editors, and for what knows no minion code. */
import type { StateFunction } from '../../minion/states/contract.ts'
import { globalArguments, listRequisites } from '../../shared/sls/keywords.ts'
import { argumentsOf } from './arguments.ts'

type Json = Readonly<Record<string, unknown>>

/** What the schema of a state is made of, be it one of a minion or of an orchestration. */
type Described = Pick<StateFunction, 'summary' | 'args' | 'anyArguments' | 'restArguments' | 'ignored'>
export interface DescribedModule {
  readonly summary: string
  readonly functions: Readonly<Record<string, Described>>
}

const draft = 'https://json-schema.org/draft/2020-12/schema'

/** The arguments of every function of one module, each as an object, and as SLS writes it: a list of one-key mappings. */
export function moduleSchema(name: string, module: DescribedModule): Json {
  const definitions: Record<string, Json> = {}
  for (const [fun, definition] of Object.entries(module.functions)) {
    definitions[fun] = argumentSchema(`${name}.${fun}`, definition)
    definitions[`${fun}-call`] = callSchema(fun, definition)
  }
  return { $schema: draft, title: `States of ${name}`, description: module.summary, $defs: definitions }
}

function argumentSchema(title: string, definition: Described): Json {
  const facts = argumentsOf(definition.args)
  const required = facts.filter(({ needed, name }) => needed && name !== 'name').map(({ name }) => name)
  return {
    title,
    description: definition.summary,
    type: 'object',
    properties: propertiesOf(definition),
    ...(required.length > 0 && { required }),
    additionalProperties: takesAny(definition),
  }
}

/** Arguments that it does not name: ignored, or options of a program that it hands on. */
const takesAny = ({ anyArguments, restArguments }: Described): boolean =>
  anyArguments === true || restArguments !== undefined

function propertiesOf(definition: Described): Record<string, Json> {
  return Object.fromEntries(
    argumentsOf(definition.args).map(({ name, json, description, fallback }) => [
      name,
      { ...json, description, ...(fallback !== undefined && { default: fallback }) },
    ]),
  )
}

function callSchema(fun: string, definition: Described): Json {
  const common = Object.fromEntries(
    commonNames().map((name) => [name, { $ref: `../sls.schema.json#/$defs/${definitionOf(name)}` }]),
  )
  return {
    description: definition.summary,
    type: 'array',
    items: {
      type: 'object',
      maxProperties: 1,
      properties: {
        ...common,
        ...Object.fromEntries(
          Object.keys(propertiesOf(definition)).map((name) => [
            name,
            { $ref: `#/$defs/${fun}/properties/${name}` },
          ]),
        ),
        ...Object.fromEntries((definition.ignored ?? []).map((name) => [name, { description: passedOver }])),
      },
      additionalProperties: takesAny(definition),
    },
  }
}

const passedOver = 'Passed over: it means nothing here.'

const commonNames = (): string[] => [...listRequisites, ...globalArguments, 'names', 'order'].sort()

function definitionOf(name: string): string {
  if (listRequisites.has(name)) return 'requisites'
  return ['names', 'order', 'retry'].includes(name) ? name : 'global'
}

/** A whole SLS file: includes, extensions, and IDs with their functions. */
export function slsSchema(modules: Readonly<Record<string, DescribedModule>>): Json {
  const calls: Record<string, Json> = {}
  for (const [name, module] of Object.entries(modules))
    for (const fun of Object.keys(module.functions))
      calls[`${name}.${fun}`] = { $ref: `states/${name}.schema.json#/$defs/${fun}-call` }
  const names = Object.keys(calls)
  return {
    $schema: draft,
    title: 'An SLS file of tsalt',
    type: 'object',
    properties: {
      include: {
        type: 'array',
        items: { type: ['string', 'object'] },
        description: 'SLS files whose states come along.',
      },
      exclude: {
        type: 'array',
        items: { type: ['string', 'object'] },
        description: 'SLS files and IDs that are left out.',
      },
      extend: {
        type: 'object',
        description: 'Arguments for states of included files.',
        additionalProperties: { $ref: '#/$defs/state' },
      },
    },
    additionalProperties: { $ref: '#/$defs/state' },
    $defs: {
      state: { anyOf: [{ enum: names }, { type: 'object', properties: calls }] },
      requisites: {
        description: 'References to other states: `{module: id or name}`, `{sls: name}`, or an ID.',
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'object'] } }],
      },
      names: {
        type: 'array',
        description: 'One state for each of these names.',
        items: { type: ['string', 'object'] },
      },
      order: {
        description: 'Place in the order of states.',
        anyOf: [{ type: 'integer' }, { enum: ['first', 'last'] }],
      },
      retry: {
        description: 'Try again where the state fails.',
        anyOf: [
          { type: 'boolean' },
          {
            type: 'object',
            properties: {
              attempts: { type: 'integer' },
              until: { type: 'boolean' },
              interval: { type: 'number' },
              splay: { type: 'number' },
            },
          },
        ],
      },
      global: { description: 'An argument that every state takes.' },
    },
  }
}
