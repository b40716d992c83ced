/**
 * Runs every case file beside it, and holds each case to the laws: a dry run leaves the machine as it was, the real
 * run's changes are those that the dry run told, a second run has nothing to do.
 */
import { describe, expect, test } from 'vitest'
import { findState, parseArguments } from '../../../minion/states/catalog.ts'
import { readBeacon } from '../../../minion/beacons/entry.ts'
import type { Decision, StateFunction, StatePorts, StateRun } from '../../../minion/states/contract.ts'
import { stateModules } from '../../../minion/states/registry.ts'
import { type Plain, toPlain, toValue } from '../../../shared/data/value.ts'
import { describeError, isTsaltError, TsaltError } from '../../../shared/errors/error.ts'
import { renderTemplate } from '../../../shared/render/template.ts'
import { FakeMachine } from '../../fake-machine/fake-machine.ts'
import { readCases, type StateCase } from './case.ts'
import { notUndone, seenNotUndone, undoes } from './undo-law.ts'

const cases = readCases()

const seenCases = new Set<string>()

describe('every case', () => {
  test.each(cases.map((one) => [one.title, one] as const))('%s', (_, one) => runCase(one))
})

/** Functions that only look, or only leave something for later states. */
const neverChange = new Set(['file.accumulated', 'file.exists', 'file.missing'])

/** Functions that have nothing to fail at but what every write can fail at, with the reason. */
const cannotFail: Readonly<Record<string, string>> = {
  'cron.absent': 'a table that is not there holds no entry',
  'cron.env_absent': 'a table that is not there holds no variable',
  'environ.setenv': 'what no variable can be is refused before the run',
}

describe('coverage', () => {
  const functions = Object.entries(stateModules).flatMap(([module, { functions: table }]) =>
    Object.entries(table).map(([fun, definition]) => ({ module, fun, definition })),
  )
  test.each(functions.map((one) => [`${one.module}.${one.fun}`, one] as const))('%s', (_, one) => {
    const own = cases.filter(({ module, fun }) => module === one.module && fun === one.fun)
    const outcomes = new Set(own.map((each) => each.expect.outcome))
    if (one.definition.anyArguments === undefined) expect(outcomes, 'a refused case').toContain('refused')
    if (one.module === 'test') return expect(own.length).toBeGreaterThan(1)
    const fails = own.some(({ expect: { outcome, ok, error } }) => outcome === 'failed' || ok === false || error)
    const cannot = cannotFail[`${one.module}.${one.fun}`]
    if (cannot === undefined) expect(fails, 'a failed case').toBe(true)
    else expect(fails, `it cannot fail: ${cannot}`).toBe(false)
    if (neverChange.has(`${one.module}.${one.fun}`)) return expect(outcomes).toContain('in-sync')
    expect(outcomes, 'a case of drift').toContain('drift')
    if (!one.definition.repeats) expect(outcomes, 'a case in sync').toContain('in-sync')
  })

  test('what is not undone is listed for a reason', (context) => {
    if (seenCases.size < cases.length) context.skip('only some cases were run')
    expect(Object.keys(notUndone).sort()).toEqual([...seenNotUndone].sort())
  })

  test('every case is of a function that exists', () => {
    expect(cases.filter(({ module, fun }) => !findState(module, fun)).map(({ title }) => title)).toEqual([])
  })
})

async function runCase(one: StateCase): Promise<void> {
  seenCases.add(one.title)
  const definition = findState(one.module, one.fun)
  if (!definition) throw new Error(`${one.module}.${one.fun} does not exist`)
  const args = readArguments(one)
  if (args === undefined) return
  const predicted = await dryRun(one, definition, args)
  await realRun(one, definition, args, predicted)
}

function readArguments(one: StateCase): unknown {
  const name = String(one.args.get('name') ?? 'the id')
  const given = new Map([...one.args].filter(([key]) => key !== 'name'))
  const chunk = { state: one.module, fun: one.fun, name, args: given, globals: new Map(), place: undefined }
  const read = parseArguments(`${one.module}.${one.fun}`, chunk)
  if (one.expect.outcome !== 'refused') {
    if (!read.ok) throw read.errors[0]
    return read.args
  }
  if (read.ok) throw new Error('the arguments should have been refused')
  const [error] = read.errors
  expect({ code: error?.code, argument: error?.parameters.argument }).toEqual({
    code: one.expect.error ?? 'state-argument-invalid',
    argument: one.expect.argument,
  })
  if (one.expect.comment !== undefined) expect(error?.message).toContain(one.expect.comment)
  if (one.expect.hint !== undefined) expect(error?.hint).toContain(one.expect.hint)
  return undefined
}

function makeMachine(one: StateCase): FakeMachine {
  const { grains, pillar } = one
  return new FakeMachine(one.machine, {
    grains,
    pillar,
    render: (engine, source, context) =>
      renderTemplate({
        engine,
        text: source.text,
        name: source.name,
        variables: { grains, pillar, ...context },
      }),
  })
}

function portsOf({ run: { functions = {}, grainsFile } }: StateCase): StatePorts {
  const answer = (fun: string): Plain => {
    if (!Object.hasOwn(functions, fun)) throw new TsaltError('function-unknown', { fun })
    return functions[fun] ?? null
  }
  return {
    functions: {
      check: (fun) => void answer(fun),
      async call(fun, args, keywords, act) {
        await act.commands.run([fun, JSON.stringify(args), JSON.stringify(toPlain(keywords))])
        return { value: toValue(answer(fun)), retcode: 0 }
      },
    },
    schedule: { file: '/state/schedule.json', given: () => new Map(), whens: () => new Map(), refresh: async () => undefined },
    beacons: {
      file: '/state/beacons.json',
      given: () => ({ pillar: new Map(), configuration: new Map([['ps', toValue({ processes: { sshd: 'stopped' } })]]) }),
      refresh: async () => undefined,
      check: (name, value) => readBeacon(name, value, () => undefined).then(() => undefined, describeError),
    },
    ...(grainsFile === undefined ? {} : { grains: { file: grainsFile, refresh: async () => undefined } }),
  }
}

function stateRun(one: StateCase, dry: boolean): StateRun {
  return {
    ...portsOf(one),
    test: dry,
    predicted: dry ? (one.run.predicted ?? []) : [],
    id: 'the id',
    sls: 'the.sls',
    environment: 'base',
    required: one.run.required ?? [],
    ...(one.run.backupMode === undefined ? {} : { backupMode: one.run.backupMode }),
  }
}

type Args = Parameters<StateFunction['check']>[0]

async function decide(
  one: StateCase,
  definition: StateFunction,
  args: unknown,
  machine: FakeMachine,
  dry: boolean,
): Promise<Decision> {
  const call = one.refresh ? definition.refresh : definition.check
  if (!call) throw new Error('the function has no refresh')
  try {
    return await call(args as Args, machine.reader, stateRun(one, dry))
  } catch (error) {
    if (!isTsaltError(error)) throw error
    return { kind: 'failed', comment: `${error.message} [${error.code}]` }
  }
}

async function dryRun(one: StateCase, definition: StateFunction, args: unknown): Promise<unknown> {
  const machine = makeMachine(one)
  const before = machine.snapshot()
  const decision = await decide(one, definition, args, machine, true)
  expect(machine.snapshot(), 'a dry run leaves the machine as it was').toEqual(before)
  expect(machine.actions).toEqual([])
  const expected = one.expect.dry ?? one.expect.outcome
  expect(decision, 'the dry run').toMatchObject({ kind: expected })
  if (decision.kind !== 'drift') {
    if (one.expect.would !== undefined) expect(commentOf(decision)).toContain(one.expect.would)
    return undefined
  }
  if (one.expect.would !== undefined) expect(decision.comment).toContain(one.expect.would)
  return comparable(decision.changes)
}

const commentOf = (decision: Decision): string =>
  decision.kind === 'unknown' ? decision.reason : decision.comment
const comparable = (changes: Parameters<typeof toValue>[0]): unknown =>
  JSON.parse(JSON.stringify(toPlain(toValue(changes))))

async function realRun(
  one: StateCase,
  definition: StateFunction,
  args: unknown,
  predicted: unknown,
): Promise<void> {
  if (one.expect.outcome === 'unknown') return
  const machine = makeMachine(one)
  const decision = await decide(one, definition, args, machine, false)
  expect(decision, 'the real run').toMatchObject({ kind: one.expect.outcome })
  if (decision.kind !== 'drift') {
    expect(commentOf(decision)).toContain(one.expect.comment ?? '')
    expect(machine.actions).toEqual(one.expect.actions ?? [])
    return
  }
  const before = machine.snapshot()
  const applied = await apply(one, decision, machine)
  compareMachine(one, machine)
  await compareApplied(one, definition, args, predicted, machine, applied)
  await undoes(one, machine, before, applied !== 'threw' && applied.ok)
}

async function compareApplied(
  one: StateCase,
  definition: StateFunction,
  args: unknown,
  predicted: unknown,
  machine: FakeMachine,
  applied: AppliedCase | 'threw',
): Promise<void> {
  if (applied === 'threw') return
  expect(applied.ok, applied.comment).toBe(one.expect.ok ?? true)
  expect(applied.comment).toContain(one.expect.comment ?? '')
  if (one.expect.changes !== undefined) expect(applied.changes).toEqual(one.expect.changes)
  if (!applied.ok) return
  if (one.expect.told !== undefined) expect(predicted, 'the dry run tells').toEqual(one.expect.told)
  else if (predicted !== undefined) compareChanges(predicted, applied.changes)
  if (definition.repeats || one.refresh) return
  const again = await decide(one, definition, args, machine, false)
  expect(again, 'a second run has nothing to do').toMatchObject({ kind: 'in-sync' })
}

type AppliedCase = { ok: boolean; comment: string; changes: unknown }

async function apply(
  one: StateCase,
  decision: Extract<Decision, { kind: 'drift' }>,
  machine: FakeMachine,
): Promise<AppliedCase | 'threw'> {
  try {
    const applied = await decision.apply(machine.changer)
    const changes = applied?.changes === undefined ? decision.changes : applied.changes
    return {
      ok: applied?.ok !== false,
      comment: applied?.comment ?? decision.done,
      changes: comparable(changes),
    }
  } catch (error) {
    if (!isTsaltError(error) || one.expect.error === undefined) throw error
    expect(error.code).toBe(one.expect.error)
    expect(error.message).toContain(one.expect.comment ?? '')
    return 'threw'
  }
}

function compareMachine(one: StateCase, machine: FakeMachine): void {
  if (one.expect.actions !== undefined) expect(machine.actions).toEqual(one.expect.actions)
  const after = JSON.parse(JSON.stringify(machine.snapshot())) as Record<string, Record<string, unknown>>
  if (one.expect.machine !== undefined) expect(after).toMatchObject(one.expect.machine as object)
  for (const [table, names] of Object.entries(one.expect.gone ?? {}))
    for (const name of names) expect(Object.keys(after[table] ?? {})).not.toContain(name)
}

/** A null in a prediction stands for what is known only afterwards: the output of a command. */
function compareChanges(predicted: unknown, real: unknown): void {
  const told = predicted as Record<string, unknown>
  const known = Object.entries(told).map(([key, value]) => [key, value === null ? expect.toSatisfy(() => true) : value])
  expect(real, 'the real run changes what the dry run told').toEqual(Object.fromEntries(known))
}
