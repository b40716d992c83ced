/** Changes services; before each change the journal gets whether the service ran, was enabled, was masked. */
import type { ServiceChanger } from './changer.ts'
import type { Reader } from './reader.ts'
import type { UndoJournal } from './undo-journal.ts'

export function journalledServices(
  act: ServiceChanger,
  { services }: Reader,
  journal: UndoJournal,
  changed: () => void,
): ServiceChanger {
  const change = (verb: Exclude<keyof ServiceChanger, 'daemonReload'>) => async (name: string) => {
    const state = (await services.states([name])).get(name)
    if (state?.exists) {
      const { running, enabled, masked } = state
      journal.record({ kind: 'service', name, running, enabled, masked })
    }
    await act[verb](name).finally(changed)
  }
  return {
    start: change('start'),
    stop: change('stop'),
    restart: change('restart'),
    reload: change('reload'),
    enable: change('enable'),
    disable: change('disable'),
    mask: change('mask'),
    unmask: change('unmask'),
    daemonReload: () => act.daemonReload().finally(changed),
  }
}
