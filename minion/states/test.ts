/** States that do nothing, succeed or fail on request: for trying requisites, and to say something in a run. */
import * as v from 'valibot'
import { type Dict, isDict, isList, PyFloat, traverse, type Value } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import { type Decision, drift, failed, inSync, stateFunction, stateModule } from './contract.ts'

const named = { name: needed(text, 'Any text; shown in the result.') }
const pretended = { testing: { old: 'Unchanged', new: 'Something pretended to change' } }

const fired = async (): Promise<Decision> =>
  drift(
    { 'Requisites with changes': [] },
    { would: 'Watch statement would have fired.', done: 'Watch statement fired.' },
    async () => {},
  )

function pretendToChange(ok: boolean, comment: string): Decision {
  const comments = { would: "If we weren't testing, something would pretend to change", done: comment }
  return drift(pretended, comments, async () => ({ ok }))
}

const nop = stateFunction({
  summary: 'Does nothing and succeeds; other arguments are ignored, so `use` can copy them.',
  args: v.strictObject(named),
  anyArguments: true,
  examples: ['gate:\n  test.nop: []\n'],
  check: async () => inSync('Success!'),
  refresh: fired,
})

const succeedWithoutChanges = stateFunction({
  summary: 'Succeeds without a change.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Success!".') }),
  examples: ['fine:\n  test.succeed_without_changes: []\n'],
  check: async ({ comment }) => inSync(comment ?? 'Success!'),
  refresh: fired,
})

const succeedWithChanges = stateFunction({
  summary: 'Succeeds and pretends that something changed.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Success!".') }),
  examples: ['changed:\n  test.succeed_with_changes: []\n'],
  repeats: true,
  check: async ({ comment }) => pretendToChange(true, comment ?? 'Success!'),
  refresh: fired,
})

const failWithoutChanges = stateFunction({
  summary: 'Fails without a change: to stop a run on a condition, with a message.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Failure!".') }),
  examples: [
    'needs-a-domain:\n  test.fail_without_changes:\n    - name: set the pillar "domain" first\n    - failhard: True\n',
  ],
  check: async ({ comment }) => failed(comment ?? 'Failure!'),
  refresh: fired,
})

const failWithChanges = stateFunction({
  summary: 'Pretends that something changed, and fails.',
  args: v.strictObject({ ...named, comment: optional(text, 'Said in the result instead of "Failure!".') }),
  examples: ['broken:\n  test.fail_with_changes: []\n'],
  repeats: true,
  check: async ({ comment }) => pretendToChange(false, comment ?? 'Failure!'),
  refresh: fired,
})

const configurable = stateFunction({
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
  async check({ changes, result, comment }) {
    if (!changes) return result ? inSync(comment) : failed(comment)
    return drift(pretended, { would: comment || 'This is a test', done: comment }, async () => ({
      ok: result,
    }))
  },
  refresh: fired,
})

const showNotification = stateFunction({
  summary: 'Says something in the result of the run.',
  args: v.strictObject({ ...named, text: needed(text, 'What to say.') }),
  examples: ['note:\n  test.show_notification:\n    - text: The database is migrated by hand.\n'],
  check: async (args) => inSync(args.text),
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

const checkPillar = stateFunction({
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
  async check(args, look) {
    const wanted: Record<string, readonly string[]> = {}
    for (const [type, keys] of Object.entries(args)) if (Array.isArray(keys)) wanted[type] = keys
    const wrong = wrongKeys(wanted, look.pillar)
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

export const test = stateModule({
  summary: 'States that do nothing, succeed or fail on request.',
  functions: {
    nop,
    succeed_without_changes: succeedWithoutChanges,
    succeed_with_changes: succeedWithChanges,
    fail_without_changes: failWithoutChanges,
    fail_with_changes: failWithChanges,
    configurable_test_state: configurable,
    show_notification: showNotification,
    check_pillar: checkPillar,
  },
})
