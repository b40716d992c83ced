/**
 * The master as runs ask it for pillar and files: a master that goes away meanwhile is waited for and asked again. Nothing
 * is lost by that, as these questions change nothing; a part of a file that is pushed may come twice.
 */
import type { Clock } from '../../shared/clock.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { MasterPort } from './master-port.ts'

/** Milliseconds that a master may be away, from the moment when it was first missed. */
const patience = 10 * 60 * 1000
/** The master is missed, and not merely absent, where it was there so many milliseconds ago: a job came from it. */
const lately = 60_000
/** Milliseconds between two looks. */
const look = 50

export function patientPort(port: MasterPort, clock: Clock): MasterPort {
  const isMissed = (code: string): boolean => {
    if (code === 'connection-lost') return true
    const seen = port.lastSeen
    const absent = code === 'not-connected' || code === 'minion-not-connected'
    return absent && seen !== undefined && clock.monotonic() - seen < lately
  }
  return {
    get isReady() {
      return port.isReady
    },
    send: (kind, body) => port.send(kind, body),
    request: async (kind, body, options) => {
      let end: number | undefined
      for (;;) {
        try {
          return await port.request(kind, body, options)
        } catch (error) {
          if (!isTsaltError(error) || (end === undefined && !isMissed(error.code)) || !isLoss(error.code))
            throw error
          end ??= clock.monotonic() + patience
          while (!port.isReady) {
            if (clock.monotonic() > end) throw error
            await new Promise((resolve) => setTimeout(resolve, look))
          }
        }
      }
    },
  }
}

const isLoss = (code: string): boolean =>
  code === 'connection-lost' || code === 'not-connected' || code === 'minion-not-connected'
