/** Who comes and goes, told to the event bus: each start, and once a second who came and who went. */
import type { MinionId } from '../../shared/ids.ts'
import type { Sessions } from '../gateway/sessions.ts'
import type { Events } from './event-bus.ts'

const period = 1_000

/** @returns the function that stops it */
export function watchPresence(sessions: Pick<Sessions, 'watch' | 'find'>, events: Events): () => void {
  const changed = new Map<MinionId, 'new' | 'lost'>()
  let timer: NodeJS.Timeout | undefined

  function tell(): void {
    timer = undefined
    const ids = (kind: 'new' | 'lost') => [...changed].filter(([, each]) => each === kind).map(([id]) => id)
    const change = { new: ids('new'), lost: ids('lost') }
    changed.clear()
    events.fire('salt/presence/change', change)
  }

  function note(id: MinionId, kind: 'new' | 'lost'): void {
    changed.set(id, kind)
    timer ??= setTimeout(tell, period)
  }

  const stop = sessions.watch({
    connected({ id }) {
      events.fire(`salt/minion/${id}/start`, { id, data: `Minion ${id} connected` })
      note(id, 'new')
    },
    disconnected({ id }) {
      // A newer connection of it may be there already.
      if (sessions.find(id) === undefined) note(id, 'lost')
    },
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
