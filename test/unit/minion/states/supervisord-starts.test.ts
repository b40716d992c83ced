/** A supervisor that has been started a moment ago has no socket yet: the state waits for it, a dry run does not. */
import { expect, test } from 'vitest'
import { processesNow } from '../../../../minion/states/supervisord/supervisor.ts'
import type { Reader } from '../../../../minion/system/reader.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'

const mute = { code: 4, stdout: 'unix:///var/run/supervisor.sock no such file\n', stderr: '' }
const run = { test: false, predicted: [], id: 'app', sls: 'app', environment: 'base' }

/** supervisorctl, which finds no socket so many times first. */
function machine(running: boolean, times: number): { look: Reader; asked: () => number } {
  let asked = 0
  const { reader } = new FakeMachine({
    files: { '/usr/bin/supervisorctl': '' },
    services: { supervisor: { running } },
    commands: { 'supervisorctl status': 'app  RUNNING   pid 9, uptime 0:00:01\n' },
  })
  const query: Reader['commands']['query'] = async (argv, options) => {
    if (!argv.includes('status')) return reader.commands.query(argv, options)
    asked += 1
    return asked > times
      ? reader.commands.query(argv, options)
      : { ...(await reader.commands.query(argv)), ...mute }
  }
  const commands = Object.assign(Object.create(reader.commands), { query })
  return { look: { ...reader, commands }, asked: () => asked }
}

test.each([
  ['waits for the socket of a service that runs', true, false, 3],
  ['gives up at once where the service does not run', false, false, 1],
  ['does not wait in a dry run', true, true, 1],
])('%s', async (_, running, dry, asked) => {
  const { look, asked: count } = machine(running, 2)
  const found = await processesNow({}, look, { ...run, test: dry })
  expect(count()).toBe(asked)
  expect(found).toEqual(
    asked === 3 ? new Map([['app', 'RUNNING']]) : expect.objectContaining({ kind: 'failed' }),
  )
})
