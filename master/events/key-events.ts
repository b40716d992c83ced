/** Strangers that ask to be let in, told to the event bus as Salt does: a reactor may accept them. */
import type { KeyChanges } from '../pki/key-desk.ts'
import type { Events } from './event-bus.ts'

const acts = { pending: 'pend', denied: 'denied', accepted: 'accept' } as const

/** `salt/auth`; @returns the function that ends it */
export function watchStrangers(changes: KeyChanges, events: Events): () => void {
  return changes.watch({
    asked: (id, fingerprint, state) =>
      events.fire('salt/auth', { id, act: acts[state], result: state !== 'denied', finger: fingerprint }),
  })
}
