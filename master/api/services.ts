/** What the API serves; server.ts gives it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { OperatorDesk } from '../auth/operator-desk.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { FileService } from '../files/file-service.ts'
import type { Sessions } from '../gateway/sessions.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { PillarService } from '../pillar/pillar-service.ts'
import type { KeyService } from '../pki/key-service.ts'
import type { RolloutService } from '../rollouts/rollout-service.ts'
import type { CallRunner } from '../runners/call.ts'
import type { MinionStore } from '../store/minions.ts'
import type { AcceptedMinion, ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import type { Logins } from './logins.ts'

export interface ApiServices {
  readonly jobs: JobService
  readonly keys: KeyService
  readonly sessions: Sessions
  readonly minions: MinionStore
  readonly accepted: () => readonly AcceptedMinion[]
  readonly resolveTarget: ResolveTarget
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
  readonly events: EventBus
  readonly rollouts: RolloutService
  readonly pillars: Pick<PillarService, 'show'>
  readonly files: Pick<FileService, 'environments' | 'list'>
  readonly options: MasterOptions
  readonly access: Access
  readonly operators: OperatorDesk
  readonly version: string
  readonly clock: Clock
  readonly log: Logger
}

/** What a route needs beside the services. */
export interface RouteContext extends ApiServices {
  /** When the API was made, milliseconds since the epoch. */
  readonly since: number
  /** Who asks. */
  readonly actorOf: (request: FastifyRequest) => Actor
  /** Aborted where the login that a request came with ends; absent: it came with none that can end. */
  readonly endOf: (request: FastifyRequest, reply: FastifyReply) => AbortSignal | undefined
  /** Who logs in, and out. Over the socket nobody does. */
  readonly logins: Logins | undefined
  /** Aborted when the master stops: streams end then. */
  readonly stopping: AbortSignal
}
