/** The budgets of what peers may cost the master, most of all before it knows who they are. */
import type { ThrottleLimits } from '../../shared/protocol/throttle.ts'

/** Milliseconds from the TCP connection to the end of the upgrade, and from there to the first message. */
export const handshakeTime = 10_000
/**
 * Connections of one address that have not shown an accepted certificate, enrolling ones included: so many more than
 * accepted minions came from there last.
 */
export const unknownPerAddress = 256
/** Connections in all that have not. */
export const unknownInAll = 4_096
export const enrollingInAll = 2_048
/** Milliseconds an enrolling connection may stay; the minion simply asks again. */
export const enrolmentTime = 15 * 60_000
export const submissionsPerConnection = 1_000
/** WebSocket fragments of one message, and bytes of its header block. */
export const maxFragments = 64
export const maxHeaderBytes = 8 * 1024
/** Bytes waiting for one slow reader: above the first its requests are not read, above the second it is cut off. */
export const pauseAbove = 8 * 1024 * 1024
export const cutAbove = 128 * 1024 * 1024
/**
 * How fast one minion is read. A message costs one, and what it makes the master work; who spends more waits. A pillar
 * is compiled for each question, so a minion that asks without end gets five in a second, and not the whole master.
 */
export const minionThrottle: ThrottleLimits = {
  perSecond: 200,
  burst: 2_000,
  bytes: 64 * 1024,
  kinds: { 'pillar.get': 40, 'file.manifest': 10, 'grains.update': 10, 'mine.get': 5, 'mine.put': 20 },
}
/** Grains of one minion that are stored at once, and milliseconds for each further time. */
export const grainsBurst = 10
export const grainsPause = 5_000
/** Requests of one minion that may be open at once. */
export const openRequests = 64
/** Bytes of grains as JSON. */
export const grainsBytes = 1024 * 1024
/** Audit lines in a minute about peers that are nobody: more are only counted. */
export const strangersAudited = 600
/**
 * Handshakes under way at once, and how many times more slowly further ones begin: peers that do nothing must not hold
 * up all others.
 */
export const handshakesAtOnce = 64
export const crowdedPrice = 8
/**
 * Seconds' worth of connections that may wait for their turn, and milliseconds that one waits: a minion gives up after
 * 30 s, and waiting costs both sides less than trying again.
 */
export const queueSeconds = 18
export const waitingTime = 20_000
