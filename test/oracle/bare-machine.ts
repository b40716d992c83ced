/** A machine with nothing on it: what templates may ask of the tree, of arguments and of themselves is answered, nothing runs. */
import { makeSources } from '../../minion/files/sources.ts'
import type { TreeFiles } from '../../minion/files/tree-files.ts'
import type { ModuleContext } from '../../minion/modules/contract.ts'
import { templateHost } from '../../minion/run/template-host.ts'
import { functionTable } from '../../minion/services/function-table.ts'
import type { Reader } from '../../minion/system/reader.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { JobId } from '../../shared/ids.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { FakeMachine } from '../fake-machine/fake-machine.ts'

export interface BareMinion {
  readonly id: string
  readonly grains: Dict
  readonly pillar: Dict
  readonly opts: Dict
  readonly tree: TreeFiles
}

export function bareMachine({ id, grains, pillar, opts, tree }: BareMinion): RenderHost {
  const machine = new FakeMachine({}, { grains, pillar })
  const sources = makeSources({ files: tree, grains, pillar, opts })
  const look: Reader = Object.create(machine.reader, { sources: { value: sources } })
  const context: ModuleContext = {
    look,
    act: machine.changer,
    job: {
      jid: '20260101000000000000' as JobId,
      signal: new AbortController().signal,
      progress: () => undefined,
    },
    config: opts,
    id,
    services: { functions: functionTable() } as ModuleContext['services'],
  }
  return templateHost({ context: () => context, test: true })
}
