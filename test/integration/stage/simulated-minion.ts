/** A minion without a machine: the real protocol, certificates and reconnection, and an answer for every job. */
import { join } from 'node:path'
import { MasterConnection } from '../../../minion/connection/connection.ts'
import { enrol } from '../../../minion/enrolment/enrol.ts'
import { IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import { pinOf } from '../../../minion/enrolment/pin.ts'
import { severalReturn } from '../../../minion/jobs/several-return.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import type { Json } from '../../../shared/data/codec.ts'
import { isTsaltError } from '../../../shared/errors/error.ts'
import { type JobId, parseMinionId } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/log.ts'
import type { JobDelivery } from '../../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn } from '../../../shared/protocol/messages/job-return.ts'
import { functionsOf, isSeveral } from '../../../shared/several-functions.ts'
import type { Stage } from './stage.ts'

const pauses = { reconDefault: 20, reconMax: 300 }
const logger = silentLogger()

export interface SimulatedOptions {
  /** How often each acknowledgement and each return is sent; 1 by default. */
  readonly repeats?: number
  readonly clock?: Clock
  /** Milliseconds between attempts at most. */
  readonly reconMax?: number
}

export class SimulatedMinion {
  readonly id: string
  /** Job → how often it was applied; a delivery that comes again is not. */
  readonly applied = new Map<JobId, number>()
  /** Deliveries, repeated ones counted. */
  delivered = 0
  /** The newest delivery. */
  last: JobDelivery | undefined
  /** What it returns of every function. */
  answer: Json
  retcode = 0
  /** To reach the master. */
  attempts = 0
  #connection: MasterConnection
  #repeats: number
  #unsent = new Map<JobId, JobReturn>()

  private constructor(
    id: string,
    connection: (minion: SimulatedMinion) => MasterConnection,
    repeats: number,
  ) {
    this.id = id
    this.answer = id
    this.#repeats = repeats
    this.#connection = connection(this)
  }

  /** Joins with a token of its own and stays connected. */
  static async join(
    stage: Pick<Stage, 'client' | 'folder'>,
    id: string,
    options: SimulatedOptions = {},
  ): Promise<SimulatedMinion> {
    const { clock = systemClock, repeats = 1, reconMax = pauses.reconMax } = options
    const { token } = await stage.client.post<{ token: string }>('/tokens', { idGlob: id, seconds: 600 })
    const pki = new IdentityFiles(join(stage.folder, 'simulated', id), clock)
    const none = { master: '', master_port: 0, master_finger: '', trust_on_first_use: false }
    const pin = pinOf({ ...none, join_token: token }, '')
    const { signal } = new AbortController()
    const setup = { id: parseMinionId(id), pin, files: pki, clock, logger, signal, waitTime: 50, ...pauses }
    const identity = await enrol(setup)
    const connect = (minion: SimulatedMinion): MasterConnection =>
      new MasterConnection({
        identity,
        files: pki,
        masters: pin.masters,
        clock,
        logger,
        version: '0.0.1',
        pingInterval: 2_000,
        reconDefault: Math.min(reconMax, pauses.reconDefault),
        reconMax,
        greeting: () => ({ grains: { id }, unfinished: [...minion.#unsent.keys()] }),
        handlers: { 'job.deliver': ({ body }) => minion.#receive(body), 'job.kill': () => undefined },
      })
    const minion = new SimulatedMinion(id, connect, repeats)
    minion.#connection.watch({
      ready: () => void minion.#sendAll(),
      phase: ({ phase }) => {
        if (phase === 'connecting') minion.attempts++
      },
    })
    minion.#connection.start()
    return minion
  }

  stop(): Promise<void> {
    return this.#connection.stop()
  }

  async #receive(job: JobDelivery): Promise<void> {
    const { jid, fun } = job
    this.delivered++
    this.last = job
    if (!this.applied.has(jid)) {
      this.applied.set(jid, 1)
      const base = {
        jid,
        fun,
        outcome: 'done',
        retcode: this.retcode,
        success: this.retcode === 0,
        format: 'nested',
      } as const
      const told = { ...base, ret: this.answer, started: Date.now(), duration: 0 }
      const parts = functionsOf(fun).map((name) => ({ ...told, fun: name }))
      this.#unsent.set(
        jid,
        isSeveral(fun) ? severalReturn({ jid, fun }, parts, undefined, told.started) : told,
      )
    }
    for (let time = 0; time < this.#repeats; time++) this.#connection.send('job.ack', { jid })
    await this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    for (const [jid, result] of [...this.#unsent]) {
      try {
        for (let time = 0; time < this.#repeats; time++)
          await this.#connection.request('job.return', result, { timeout: 5_000 })
        this.#unsent.delete(jid)
      } catch (error) {
        // Without a connection it is sent after the next one; everything else is a fault.
        const lost = isTsaltError(error) && /connect|lost|timeout/.test(error.code)
        if (!lost) throw error
      }
    }
  }
}
