/** Connections of peers that are nobody yet: they submit a request, and may wait for the decision. */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Fingerprint, MinionId } from '../../shared/ids.ts'
import { Channel } from '../../shared/protocol/channel.ts'
import { decisionFor, enrol } from '../pki/enrolment.ts'
import type { KeyDesk } from '../pki/key-desk.ts'
import { enrollingInAll, enrolmentTime, handshakeTime, submissionsPerConnection } from './limits.ts'
import type { StrangerAudit } from './stranger-audit.ts'

interface Applicant {
  readonly channel: Channel<'master', 'enrolling'>
  /** Absent before it submitted its request. */
  waitsFor: { readonly id: MinionId; readonly fingerprint: Fingerprint } | undefined
  submissions: number
}

/** How long a peer that was told its decision may stay. */
const goodbyeTime = 5_000

export class EnrolmentDesk {
  readonly #desk: KeyDesk
  readonly #logger: Logger
  readonly #strangers: StrangerAudit
  readonly #applicants = new Set<Applicant>()

  constructor(desk: KeyDesk, logger: Logger, strangers: StrangerAudit) {
    this.#desk = desk
    this.#logger = logger
    this.#strangers = strangers
    desk.changes.watch({ decided: (id, fingerprint) => this.#decided(id, fingerprint) })
  }

  get isFull(): boolean {
    return this.#applicants.size >= enrollingInAll
  }

  accept(socket: WebSocket, address: string): void {
    const patience = setTimeout(() => channel.close('no request for a certificate came'), handshakeTime)
    const longest = setTimeout(() => channel.close('ask again'), enrolmentTime)
    const channel = new Channel<'master', 'enrolling'>({
      socket,
      me: 'master',
      peer: 'enrolling',
      clock: this.#desk.clock,
      logger: this.#logger,
      pingInterval: 0,
      maxOpen: 4,
      handlers: {
        'csr.submit': (message) => {
          clearTimeout(patience)
          applicant.submissions += 1
          if (applicant.submissions > submissionsPerConnection) {
            channel.close('asked too often', 1008)
            return
          }
          const { decision, fingerprint } = enrol(this.#desk, message.body, address)
          channel.answer(message, 'csr.decision', decision)
          if (decision.state === 'pending') applicant.waitsFor = { id: message.body.id, fingerprint }
          else this.#farewell(applicant)
        },
      },
      onEnd: ({ violation }) => {
        clearTimeout(patience)
        clearTimeout(longest)
        this.#applicants.delete(applicant)
        if (violation !== undefined) this.#strangers.refused(address, 'enrolment', violation)
      },
    })
    const applicant: Applicant = { channel, waitsFor: undefined, submissions: 0 }
    this.#applicants.add(applicant)
  }

  /** Ends every connection. */
  close(reason: string): void {
    for (const { channel } of this.#applicants) channel.close(reason)
  }

  #decided(id: MinionId, fingerprint: Fingerprint): void {
    for (const applicant of this.#applicants) {
      const waitsFor = applicant.waitsFor
      if (waitsFor?.id !== id || waitsFor.fingerprint !== fingerprint || !applicant.channel.isOpen) continue
      const decision = decisionFor(this.#desk, id, fingerprint)
      if (decision.state === 'pending') continue
      applicant.channel.send('csr.decision', decision)
      this.#farewell(applicant)
    }
  }

  #farewell(applicant: Applicant): void {
    applicant.waitsFor = undefined
    setTimeout(() => applicant.channel.close('decided'), goodbyeTime).unref()
  }
}
