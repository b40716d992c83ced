/**
 * States that do nothing, succeed or fail on request: for trying requisites, and to say something in a run. They need no
 * machine, so the master has them in orchestrations as well.
 */
import * as v from 'valibot'
import { type Dict, isDict, isList, type Plain, PyFloat, traverse, type Value } from '../data/value.ts'
import { defaulted, needed, optional } from '../schema/argument.ts'
import { textList } from '../schema/collections.ts'
import { flag, text } from '../schema/scalars.ts'

/** As a state function of a minion, decided at once and by nothing but its arguments and the pillar. */
export interface PureState {
  readonly summary: string
  readonly args: v.StrictObjectSchema<v.ObjectEntries, undefined>
  readonly examples: readonly string[]
  readonly anyArguments?: true
  readonly repeats?: true
  // biome-ignore lint/suspicious/noExplicitAny: each state's own arguments, tied to its schema by pureState.
  decide(args: any, pillar: Dict): PureDecision
  /** What `watch` does. */
  refresh?(): PureDecision
}

export type PureDecision =
  | { readonly kind: 'in-sync' | 'failed'; readonly comment: string }
  | {
      readonly kind: 'drift'
      readonly changes: Plain
      readonly would: string
      readonly done: string
      /** False: it changes something and fails. */
      readonly ok: boolean
    }

interface PureDefinition<Schema extends PureState['args']> extends Omit<PureState, 'args' | 'decide'> {
  readonly args: Schema
  decide(args: v.InferOutput<Schema>, pillar: Dict): PureDecision
}

const pureState = <Schema extends PureState['args']>(definition: PureDefinition<Schema>): PureState =>
  definition

const inSync = (comment: string): PureDecision => ({ kind: 'in-sync', comment })
const failed = (comment: string): PureDecision => ({ kind: 'failed', comment })

const named = { name: needed(text, 'Any text; shown in the result.') }
const pretended = { testing: { old: 'Unchanged', new: 'Something pretended to change' } }

const fired = (): PureDecision => ({
  kind: 'drift',
  changes: { 'Requisites with changes': [] },
  would: 'Watch statement would have fired.',
  done: 'Watch statement fired.',
  ok: true,
})

const pretendToChange = (ok: boolean, comment: string): PureDecision => ({
  kind: 'drift',
  changes: pretended,
  would: "If we weren't testing, something would pretend to change",
  done: comment,
  ok,
})

const nop = pureState({
  summary: 'Does nothing and succeeds; other arguments are ignored, so `use` can copy them.',
  args: v.strictObject(named),
  anyArguments: true,
  examples: ['gate:\n  test.nop: []\n'],
  decide: () => inSync('Success!'),
  refresh: fired,
})

const succeedWithoutChanges = pureState({
  summary: 'Succeeds without a change.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Success!".') }),
  examples: ['fine:\n  test.succeed_without_changes: []\n'],
  decide: ({ comment }) => inSync(comment ?? 'Success!'),
  refresh: fired,
})

const succeedWithChanges = pureState({
  summary: 'Succeeds and pretends that something changed.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Success!".') }),
  examples: ['changed:\n  test.succeed_with_changes: []\n'],
  repeats: true,
  decide: ({ comment }) => pretendToChange(true, comment ?? 'Success!'),
  refresh: fired,
})

const failWithoutChanges = pureState({
  summary: 'Fails without a change: to stop a run on a condition, with a message.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Failure!".') }),
  examples: [
    'needs-a-domain:\n  test.fail_without_changes:\n    - name: set the pillar "domain" first\n    - failhard: True\n',
  ],
  decide: ({ comment }) => failed(comment ?? 'Failure!'),
  refresh: fired,
})

const failWithChanges = pureState({
  summary: 'Pretends that something changed, and fails.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Failure!".') }),
  examples: ['broken:\n  test.fail_with_changes: []\n'],
  repeats: true,
  decide: ({ comment }) => pretendToChange(false, comment ?? 'Failure!'),
  refresh: fired,
})

const configurable = pureState({
  summary: 'Succeeds or fails, with or without changes, as its arguments say.',
  args: v.strictObject({
    ...named,
    changes: defaulted(flag, true, 'Pretend that something changed.'),
    result: defaulted(flag, true, 'False: the state fails.'),
    comment: defaulted(text, '', 'Said in the result.'),
  }),
  examples: [
    'chosen:\n  test.configurable_test_state:\n    - changes: True\n    - result: False\n    - comment: bad\n',
  ],
  repeats: true,
  decide({ changes, result, comment }) {
    if (!changes) return result ? inSync(comment) : failed(comment)
    return {
      kind: 'drift',
      changes: pretended,
      would: comment || 'This is a test',
      done: comment,
      ok: result,
    }
  },
  refresh: fired,
})

const showNotification = pureState({
  summary: 'Says something in the result of the run.',
  args: v.strictObject({ ...named, text: needed(text, 'What to say.') }),
  examples: ['note:\n  test.show_notification:\n    - text: The database is migrated by hand.\n'],
  decide: (args) => inSync(args.text),
})

const isNumber = (value: Value): boolean => typeof value === 'number' && Number.isInteger(value)
const pillarTypes: Readonly<Record<string, (value: Value) => boolean>> = {
  present: () => true,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => isNumber(value) || typeof value === 'bigint',
  float: (value) => value instanceof PyFloat || (typeof value === 'number' && !Number.isInteger(value)),
  string: (value) => typeof value === 'string',
  listing: isList,
  dictionary: isDict,
}

const keysOf = (what: string) => optional(textList, `Keys (\`a:b\`) that have to be there${what}.`)

const checkPillar = pureState({
  summary: 'Fails where the pillar lacks a key, or has it with another type.',
  args: v.strictObject({
    ...named,
    present: keysOf(', of any type'),
    boolean: keysOf(' as True or False'),
    integer: keysOf(' as whole numbers'),
    float: keysOf(' as numbers with fractions'),
    string: keysOf(' as text'),
    listing: keysOf(' as lists'),
    dictionary: keysOf(' as mappings'),
    verbose: defaulted(flag, false, 'Name what is right, too.'),
  }),
  examples: [
    'pillar-is-complete:\n  test.check_pillar:\n    - present: [app:domain]\n    - integer: [app:port]\n',
  ],
  decide(args, pillar) {
    const wanted: Record<string, readonly string[]> = {}
    for (const [type, keys] of Object.entries(args)) if (Array.isArray(keys)) wanted[type] = keys
    const wrong = wrongKeys(wanted, pillar)
    if (wrong.length > 0) return failed(`The pillar is not as it should be:\n${wrong.join('\n')}`)
    const right = Object.values(wanted).flat().join(', ')
    return inSync(args.verbose ? `The pillar has ${right}` : 'The pillar is as it should be')
  },
})

function wrongKeys(wanted: Readonly<Record<string, readonly string[]>>, pillar: Dict): string[] {
  const wrong: string[] = []
  for (const [type, keys] of Object.entries(wanted)) {
    for (const key of keys) {
      const value = traverse(pillar, key)
      if (value === undefined) wrong.push(`- ${key} is missing`)
      else if (!pillarTypes[type]?.(value)) wrong.push(`- ${key} is not ${type}`)
    }
  }
  return wrong
}

export const pureStates: Readonly<Record<string, PureState>> = {
  nop,
  succeed_without_changes: succeedWithoutChanges,
  succeed_with_changes: succeedWithChanges,
  fail_without_changes: failWithoutChanges,
  fail_with_changes: failWithChanges,
  configurable_test_state: configurable,
  show_notification: showNotification,
  check_pillar: checkPillar,
}
