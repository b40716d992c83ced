/** Changes services; before each change the journal gets whether the service ran, was enabled, was masked. */
import type { MaskOptions, ServiceChanger, StartOptions } from './changer.ts'
import type { Reader } from './reader.ts'
import type { UndoJournal } from './undo-journal.ts'

export function journalledServices(
  act: ServiceChanger,
  { services }: Reader,
  journal: UndoJournal,
  changed: () => void,
): ServiceChanger {
  const remember = async (name: string): Promise<void> => {
    const state = (await services.states([name])).get(name)
    if (!state?.exists) return
    const { running, enabled, masked } = state
    journal.record({ kind: 'service', name, running, enabled, masked })
  }
  const change =
    <Options>(verb: (name: string, options?: Options) => Promise<void>) =>
    async (name: string, options?: Options) => {
      await remember(name)
      await verb(name, options).finally(changed)
    }
  const { forceReload } = act
  return {
    start: change((name, options?: StartOptions) => act.start(name, options)),
    stop: change((name, options?: StartOptions) => act.stop(name, options)),
    restart: change((name, options?: StartOptions) => act.restart(name, options)),
    reload: change((name, options?: StartOptions) => act.reload(name, options)),
    ...(forceReload && { forceReload: change((name) => forceReload.call(act, name)) }),
    enable: change((name) => act.enable(name)),
    disable: change((name) => act.disable(name)),
    mask: change((name, options?: MaskOptions) => act.mask(name, options)),
    unmask: change((name, options?: MaskOptions) => act.unmask(name, options)),
    daemonReload: () => act.daemonReload().finally(changed),
  }
}
