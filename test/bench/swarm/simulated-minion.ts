/**
 * A minion without a machine: the real connection, greeting, heartbeat and reconnection of `minion/`, and the rule of
 * the spool: received before it is acknowledged, applied once, kept until the master says that it has stored the
 * result. Memory stands in for the disk, since in these scenarios it is the master that dies.
 */
import { MasterConnection } from '../../../minion/connection/connection.ts'
import type { MasterAddress } from '../../../minion/connection/master-address.ts'
import type { Identity, IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import type { JobLink } from '../../../minion/jobs/job-runner-parts.ts'
import { acknowledgingLate } from '../../../minion/jobs/late-acknowledgements.ts'
import { systemClock } from '../../../shared/clock.ts'
import { isEncoded, type Json } from '../../../shared/data/codec.ts'
import { isTsaltError } from '../../../shared/errors/error.ts'
import type { JobId } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/log.ts'
import type { JobDelivery } from '../../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../../shared/protocol/messages/job-return.ts'
import { answerTo } from './answers.ts'
import type { Counts } from './counts.ts'

export interface SimulatedSetup {
  readonly identity: Identity
  readonly files: IdentityFiles
  readonly master: MasterAddress
  readonly grains: Json
  /** Milliseconds, as the options of the same names. */
  readonly reconDefault: number
  readonly reconMax: number
  readonly pingInterval: number
  /** Of the whole crew. */
  readonly counts: Counts
}

/** Jobs that are remembered, so that a repeated delivery is not applied again. */
const remembered = 256
const logger = silentLogger()
const returnTime = 120_000

export class SimulatedMinion {
  readonly #connection: MasterConnection
  readonly #link: JobLink
  readonly #counts: Counts
  readonly #known = new Set<JobId>()
  readonly #unsent = new Map<JobId, JobReturn>()
  readonly #underWay = new Set<JobId>()

  constructor(setup: SimulatedSetup) {
    const { identity, files, grains, counts } = setup
    if (!isEncoded(grains)) throw new Error('the grains are not encoded')
    this.#counts = counts
    this.#connection = new MasterConnection({
      identity,
      files,
      masters: [setup.master],
      clock: systemClock,
      logger,
      version: '0.1.0',
      reconDefault: setup.reconDefault,
      reconMax: setup.reconMax,
      pingInterval: setup.pingInterval,
      greeting: () => ({ grains, unfinished: [...this.#unsent.keys()] }),
      handlers: { 'job.deliver': ({ body }) => this.#receive(body), 'job.kill': () => undefined },
    })
    const connection = this.#connection
    this.#link = acknowledgingLate({
      connected: () => connection.isReady,
      offset: () => 0,
      acknowledge: (jid) => void connection.send('job.ack', { jid }),
      progress: (progress) => void connection.send('job.progress', progress),
      deliver: async (result) =>
        void (await connection.request('job.return', result, { timeout: returnTime })),
    })
    this.#connection.watch({
      ready: () => {
        counts.connections++
        counts.connected++
        for (const jid of this.#unsent.keys()) void this.#send(jid)
      },
      lost: () => {
        counts.connected--
      },
      phase: ({ phase }) => {
        if (phase === 'connecting') counts.attempts++
      },
    })
  }

  start(): void {
    this.#connection.start()
  }

  stop(): Promise<void> {
    return this.#connection.stop()
  }

  #receive(job: JobDelivery): void {
    const { jid } = job
    this.#counts.deliveries++
    if (this.#known.has(jid)) this.#counts.repeated++
    else {
      this.#remember(jid)
      this.#counts.applied.set(jid, (this.#counts.applied.get(jid) ?? 0) + 1)
      this.#unsent.set(jid, answerTo(job, systemClock.random))
      this.#counts.unsent++
    }
    this.#link.acknowledge(jid)
    void this.#send(jid)
  }

  #remember(jid: JobId): void {
    this.#known.add(jid)
    if (this.#known.size <= remembered) return
    for (const oldest of this.#known) {
      if (!this.#unsent.has(oldest)) this.#known.delete(oldest)
      return
    }
  }

  async #send(jid: JobId): Promise<void> {
    const result = this.#unsent.get(jid)
    if (result === undefined || this.#underWay.has(jid)) return
    this.#underWay.add(jid)
    try {
      await this.#link.deliver(result)
      this.#unsent.delete(jid)
      this.#counts.unsent--
      this.#counts.stored++
    } catch (error) {
      // Without a connection it is sent after the next one; anything else is a fault, which the report shows.
      if (!isTsaltError(error) || !/connect|lost|timeout/.test(error.code)) {
        this.#counts.faults++
        this.#counts.lastFault = error instanceof Error ? error.message : String(error)
      }
    } finally {
      this.#underWay.delete(jid)
    }
  }
}
