/**
 * Runs every case file beside it, and holds each call to the laws: what only looks leaves the machine as it was, and
 * what changes something is taken back by the undo of its job, or says why not.
 */
import { describe, expect, test } from 'vitest'
import { bindArguments } from '../../../minion/jobs/bind-arguments.ts'
import { isAnswer, type ModuleContext } from '../../../minion/modules/contract.ts'
import { functionTable } from '../../../minion/services/function-table.ts'
import { restore } from '../../../minion/system/undo-restore.ts'
import { toPlain, toValue } from '../../../shared/data/value.ts'
import { isTsaltError } from '../../../shared/errors/error.ts'
import { parseJobId } from '../../../shared/ids.ts'
import { FakeMachine } from '../../fake-machine/fake-machine.ts'
import { type CallCase, readCalls } from './case.ts'

const cases = readCalls()
const table = functionTable()

describe('every call', () => {
  test.each(cases.map((one) => [one.title, one] as const))('%s', (_, one) => runCall(one))
})

async function runCall(one: CallCase): Promise<void> {
  const definition = table.find(one.fun)
  if (!definition) throw new Error(`${one.fun} does not exist`)
  const { grains, pillar } = one
  const machine = new FakeMachine(one.machine, { grains, pillar })
  const before = machine.snapshot()
  const context = contextOf(one, machine)
  const outcome = await call(one, context)
  if (one.expect.error !== undefined || 'error' in outcome) {
    expect('error' in outcome ? outcome.error : 'none', JSON.stringify(outcome)).toBe(one.expect.error)
    if (one.expect.contains !== undefined) expect(JSON.stringify(outcome)).toContain(one.expect.contains)
  } else compare(one, outcome)
  if (one.expect.machine !== undefined)
    expect(JSON.parse(JSON.stringify(machine.snapshot()))).toMatchObject(one.expect.machine as object)
  for (const path of one.expect.gone ?? []) expect([...machine.files.inodes.keys()]).not.toContain(path)
  if (one.expect.actions !== undefined) expect(machine.actions).toEqual(one.expect.actions)
  if (definition.readOnly) {
    expect(machine.snapshot(), 'a function that looks changes nothing').toEqual(before)
    expect(machine.actions).toEqual([])
  } else await undoes(one, machine, before)
}

async function undoes(one: CallCase, machine: FakeMachine, before: object): Promise<void> {
  const { left } = await machine.whileUndoing((act) => restore(machine.journal.plan(), act, { purge: true }))
  if (one.expect.lost !== undefined) return expect(left, one.expect.lost).not.toEqual([])
  if (one.expect.error === undefined) expect(left).toEqual([])
  if (left.length === 0) expect(machine.snapshot(), 'the undo restores').toEqual(before)
}

type Outcome = { readonly ret: unknown; readonly code: number } | { readonly error: string; readonly message: string }

async function call(one: CallCase, context: ModuleContext): Promise<Outcome> {
  const definition = table.find(one.fun)
  if (!definition) throw new Error(one.fun)
  try {
    const args = bindArguments(one.fun, definition, one.args, one.keywords)
    const answer = await definition.run(args as never, context)
    const { ret, retcode } = isAnswer(answer) ? answer : { ret: answer, retcode: 0 }
    return { ret: JSON.parse(JSON.stringify(toPlain(toValue(ret)))), code: retcode }
  } catch (error) {
    if (!isTsaltError(error)) throw error
    return { error: error.code, message: error.message }
  }
}

function compare(one: CallCase, { ret, code }: Extract<Outcome, { ret: unknown }>): void {
  if ('ret' in one.expect) expect(ret).toEqual(one.expect.ret)
  if (one.expect.contains !== undefined) expect(JSON.stringify(ret)).toContain(one.expect.contains)
  expect(code).toBe(one.expect.code ?? 0)
}

function contextOf(one: CallCase, machine: FakeMachine): ModuleContext {
  const { signal } = new AbortController()
  const jid = parseJobId('20261122040800000001')
  return {
    look: machine.reader,
    act: machine.changer,
    job: { jid, signal, progress: () => undefined },
    config: one.config,
    id: 'web1',
    services: {
      functions: table,
      grains: { file: '/etc/tsalt/grains', refresh: async () => machine.reader.grains },
    },
  } as unknown as ModuleContext
}
