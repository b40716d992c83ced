/** A minion without a daemon, on this machine: renders templates that ask it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FolderFiles } from '../../../../minion/files/folder-files.ts'
import { makeSources } from '../../../../minion/files/sources.ts'
import type { ModuleContext } from '../../../../minion/modules/contract.ts'
import { templateHost } from '../../../../minion/run/template-host.ts'
import { functionTable } from '../../../../minion/services/function-table.ts'
import { openMachine } from '../../../../minion/system/machine.ts'
import { makeChanger } from '../../../../minion/system/os-changer.ts'
import { makeReader } from '../../../../minion/system/os-reader.ts'
import { noJournal } from '../../../../minion/system/undo-journal.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { renderTemplate } from '../../../../shared/render/template.ts'
import { jid } from '../jobs/jobs-fixture.ts'

export interface AskingMinion {
  readonly context: ModuleContext
  readonly tree: string
  readonly said: string[]
  render(text: string, engine?: string): Promise<string>
}

export function askingMinion(
  options: { test?: boolean; functions?: ModuleContext['services']['functions'] } = {},
): AskingMinion {
  const tree = mkdtempSync(join(tmpdir(), 'tsalt-asked-'))
  const dict = (plain: Plain): Dict => toValue(plain) as Dict
  const grains = dict({
    id: 'web1',
    os_family: 'Debian',
    init: 'systemd',
    fqdn: 'web1.example.com',
    roles: ['web'],
  })
  const pillar = dict({ app: { port: 80, hosts: ['a'] } })
  const config = dict({ cachedir: join(tree, 'cache'), id: 'web1', app: { port: 1, user: 'opts' } })
  const machine = openMachine({ grains })
  const said: string[] = []
  const { signal } = new AbortController()
  const host = templateHost({
    context: () => context,
    test: options.test ?? false,
    log: (level, message) => said.push(`${level} ${message}`),
  })
  const sources = makeSources({
    files: new FolderFiles({ base: [tree] }),
    grains,
    pillar,
    opts: config,
    host,
  })
  const look = makeReader({ machine, grains, pillar, sources, signal })
  const context = {
    look,
    act: makeChanger({ machine, reader: look, journal: noJournal, clock: systemClock, signal }),
    job: { jid: jid(1), signal, progress: () => {} },
    config,
    id: 'web1',
    services: {
      functions: options.functions ?? functionTable(),
      grains: {},
    } as unknown as ModuleContext['services'],
  } satisfies ModuleContext
  const variables = { grains, pillar, opts: config }
  return {
    tree,
    said,
    context,
    render: (text, engine = 'jinja') =>
      renderTemplate({ engine, text, name: 'salt://web/init.sls', variables, host }),
  }
}
