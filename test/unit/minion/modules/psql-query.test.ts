/** postgres.psql_query as templates ask it: before there is a server, and without writing. */
import { describe, expect, test } from 'vitest'
import type { ModuleContext } from '../../../../minion/modules/contract.ts'
import { templateHost } from '../../../../minion/run/template-host.ts'
import { functionTable } from '../../../../minion/services/function-table.ts'
import { renderTemplate } from '../../../../shared/render/template.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'
import type { MachineData } from '../../../fake-machine/machine-data.ts'
import { jid } from '../jobs/jobs-fixture.ts'

const asked = 'psql -XAtqnw -vON_ERROR_STOP=1'

function render(text: string, commands: MachineData['commands']): Promise<string> {
  const machine = new FakeMachine({ commands: commands ?? {} })
  const context = {
    look: machine.reader,
    act: machine.changer,
    job: { jid: jid(1), signal: new AbortController().signal, progress: () => undefined },
    config: new Map(),
    id: 'web1',
    services: { functions: functionTable() },
  } as unknown as ModuleContext
  const host = templateHost({ context: () => context, test: true })
  return renderTemplate({ engine: 'jinja', text, name: 'x.sls', variables: {}, host })
}

describe('a template of a dry run', () => {
  const query = "{{ salt['postgres.psql_query']('select 1 as a') }}"
  test('gets rows', async () => {
    expect(await render(query, { [asked]: 'a\n1\n' })).toBe("[{'a': '1'}]")
  })
  test('gets none where no server answers yet', async () => {
    const commands = { [asked]: { code: 2, stderr: 'psql: error: connection to server failed' } }
    expect(await render(query, commands)).toBe('[]')
  })
  test('hears that psql is not there', async () => {
    await expect(render(query, {})).rejects.toThrow(/psql/)
  })
  test('does not write', async () => {
    const writing = "{{ salt['postgres.psql_query']('select 1', write=True) }}"
    await expect(render(writing, { [asked]: 'a\n1\n' })).rejects.toThrow(/changes the machine/)
  })
})
