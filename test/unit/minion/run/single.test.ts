/** `state.single`: one state from a command line, with the arguments that all states take. */
import { describe, expect, test } from 'vitest'
import type { ModuleContext } from '../../../../minion/modules/contract.ts'
import { makeStateRunner } from '../../../../minion/run/state-runner.ts'
import { functionTable } from '../../../../minion/services/function-table.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { RunControls } from '../../../../shared/run/run-control.ts'
import { globalArguments } from '../../../../shared/sls/keywords.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import { jid } from './run-sls.ts'

async function single(
  fun: string,
  args: object,
  dry = false,
): Promise<{ ret: unknown; machine: FakeMachine }> {
  const machine = new FakeMachine({ commands: { yes: { code: 0 }, no: { code: 1 } } })
  const view = { look: machine.reader, change: () => machine.changer }
  const runner = makeStateRunner({
    id: 'vm',
    clock: systemClock,
    settings: {
      stateTop: 'top',
      topMerging: 'merge',
      environmentOrder: [],
      defaultTop: 'base',
      renderer: 'jinja|yaml',
    },
    testByDefault: false,
    runOptions: {
      failhard: false,
      aggregate: false,
      events: false,
      disabledRequisites: [],
      conditions: new Map(),
    },
    stateSettings: { cachedir: '/var/cache', backupMode: '' },
    controls: new RunControls(),
    open: async () => ({
      ...view,
      tree: { environments: [], read: async () => undefined, has: () => false, list: () => [] },
      grains: new Map(),
      pillar: new Map(),
      pillarErrors: [],
      opts: new Map(),
      reload: async () => view,
      close: () => undefined,
    }),
  })
  const context = {
    look: machine.reader,
    act: machine.changer,
    job: { jid, signal: machine.changer.signal, progress: () => undefined },
    config: new Map(),
    id: 'vm',
    services: { functions: functionTable(), grains: {} } as unknown as ModuleContext['services'],
  }
  const answer = await runner.single(fun, toValue(args as Record<string, string>) as Dict, dry, context)
  return { ret: toPlain(toValue(answer.ret)), machine }
}

const values: Readonly<Record<string, unknown>> = {
  onlyif: 'yes',
  unless: 'no',
  creates: '/none',
  check_cmd: 'yes',
  umask: '022',
  saltenv: 'base',
}

describe('state.single', () => {
  test.each([...globalArguments])('takes %s', async (name) => {
    const { ret } = await single('test.nop', { name: 'it', [name]: values[name] ?? true })
    expect(ret).toMatchObject({ 'test_|-it_|-it_|-nop': { result: true } })
  })

  test('and means it', async () => {
    const { ret, machine } = await single('cmd.run', { name: 'no', retry: { attempts: 3, interval: 0 } })
    expect(machine.ran).toEqual(['no', 'no', 'no'])
    expect(ret).toMatchObject({ 'cmd_|-no_|-no_|-run': { result: false } })
  })

  test('refuses what the state does not take', async () => {
    expect((await single('test.succeed_with_changes', { name: 'it', paralel: true })).ret).toEqual([
      expect.stringContaining('Did you mean "parallel"?'),
    ])
  })
})
