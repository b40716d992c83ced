/** Changes services by programs that take a verb and a name, and says what they say when they fail. */
import { nearest } from '../../../shared/data/nearest.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { RunCommand } from '../../system/command.ts'
import type { ServiceReader } from '../../system/reader.ts'

/** Milliseconds. */
const timeout = 660_000

export interface NamedManager {
  /** Of the provider. */
  readonly id: string
  readonly look: ServiceReader
  forget(): void
}

/** @throws TsaltError `service-unknown`, `service-failed`, `provider-command-missing` */
export async function changeService(
  manager: NamedManager,
  run: RunCommand,
  { verb, name, argv }: { readonly verb: string; readonly name: string; readonly argv: readonly string[] },
): Promise<void> {
  const { look, id } = manager
  if (!(await look.states([name])).get(name)?.exists) throw await unknownService(name, look)
  try {
    const result = await run(argv, { timeout })
    if (result.code === 0 && !result.timedOut) return
    const [command = ''] = argv
    if (result.code === 127)
      throw new TsaltError('provider-command-missing', { kind: 'service', provider: id, command })
    const said = result.timedOut ? 'it took too long' : (result.stderr || result.stdout).trim()
    const reason = said || `${command} ended with ${result.code}`
    throw new TsaltError('service-failed', { action: verb, name, reason })
  } finally {
    manager.forget()
  }
}

async function unknownService(name: string, look: ServiceReader): Promise<TsaltError> {
  const near = nearest(name, await look.list())
  return new TsaltError(
    'service-unknown',
    { name },
    near === undefined ? {} : { hint: `Did you mean "${near}"?` },
  )
}

/** What an init system without masks answers. */
export function cannotMask(id: string): (name: string) => Promise<never> {
  return async (name) => {
    const reason = `${id} has no masks`
    const hint = 'Use service.disabled, or remove the execute permission of its script.'
    throw new TsaltError('service-failed', { action: 'mask', name, reason }, { hint })
  }
}

/** Names of init scripts: no path, no option. */
export const isScriptName = (name: string): boolean => /^[A-Za-z0-9_.][A-Za-z0-9_.:+-]{0,200}$/.test(name)

/** `nginx.service`, as trees for systemd have it, is nginx. */
export const scriptName = (name: string): string => name.replace(/\.service$/, '')
