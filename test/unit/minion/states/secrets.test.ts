/** Passwords that states are given: not in a list of processes, a change, a comment, or what an undo says of a command. */
import { expect, test } from 'vitest'
import { findState, parseArguments } from '../../../../minion/states/catalog.ts'
import type { StateRun } from '../../../../minion/states/contract.ts'
import type { CommandOptions, CommandResult } from '../../../../minion/system/reader.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { readCases, type StateCase } from '../../../cases/states/case.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'

const secret = "zq9'Secret"
const shows = /zq9.{0,3}Secret/
const run: StateRun = {
  functions: { check: () => undefined, call: async () => ({ value: null, retcode: 0 }) },
  ...{ test: false, predicted: [], id: 'id', sls: 's', environment: 'base', required: [], memory: new Map() },
}

type Run = (command: string | readonly string[], options?: CommandOptions) => Promise<CommandResult>

/** Programs that the case does not know work, and say nothing. */
const working =
  (real: Run, told: string[]): Run =>
  async (command, options) => {
    told.push(`argv: ${[command].flat().join(' ')}`)
    const result = await real(command, options)
    return result.code === 127 && result.pid === 0 ? { ...result, code: 0, stdout: '[]', stderr: '' } : result
  }

async function toldBy(one: StateCase, argument: string): Promise<string[]> {
  const definition = findState(one.module, one.fun)
  const given = new Map([...one.args].filter(([key]) => key !== 'name')).set(argument, secret)
  const name = String(one.args.get('name') ?? 'id')
  const chunk = { state: one.module, fun: one.fun, name, args: given, globals: new Map(), place: undefined }
  const read = parseArguments(`${one.module}.${one.fun}`, chunk)
  if (!definition || !read.ok) return []
  const machine = new FakeMachine(one.machine, { grains: one.grains, pillar: one.pillar })
  const told: string[] = []
  const { commands } = machine.reader
  const which = commands.which.bind(commands)
  Object.assign(commands, {
    query: working(commands.query as Run, told),
    which: async (program: string) => (await which(program)) ?? `/usr/bin/${program}`,
  })
  Object.assign(machine.changer, { commands: { run: working(machine.changer.commands.run, told) } })
  try {
    const decision = await definition.check(read.args as never, machine.reader, run)
    told.push(`decision: ${JSON.stringify(decision)}`)
    if (decision.kind === 'drift')
      told.push(`applied: ${JSON.stringify(await decision.apply(machine.changer))}`)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    told.push(`error: ${error.message} ${error.hint}`)
  }
  for (const entry of machine.journal.entries) if ('what' in entry) told.push(`undo: ${entry.what}`)
  return told
}

const isSecret = (key: unknown): boolean =>
  /pass|secret|token/i.test(String(key)) && !/file|salt$/.test(String(key))
const others = new Set(['http', 'event', 'x509', 'cmd', 'test', 'module'])
const attempts = readCases()
  .filter(({ module }) => !others.has(module))
  .flatMap((one) =>
    [...one.args].flatMap(([key, value]) =>
      isSecret(key) && typeof value === 'string'
        ? [[`${one.title}: ${String(key)}`, one, String(key)] as const]
        : [],
    ),
  )

test.each(attempts)('%s', async (_, one, argument) => {
  expect((await toldBy(one, argument)).filter((line) => shows.test(line))).toEqual([])
})
