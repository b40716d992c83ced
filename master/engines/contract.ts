/** Services of the master that work in the background and act by themselves: the reactor, its schedule. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import type { Access } from '../auth/access.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { FileService } from '../files/file-service.ts'
import type { JobService } from '../jobs/job-service.ts'
import type { RolloutService } from '../rollouts/rollout-service.ts'
import type { CallRunner } from '../runners/call.ts'
import type { Prepare } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import type { EngineDoors } from './doors.ts'

export interface EngineServices {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly log: Logger
  readonly store: Store
  readonly events: EventBus
  readonly jobs: JobService
  readonly rollouts: RolloutService
  readonly files: FileService
  readonly resolveTarget: ResolveTarget
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
  /** Where an engine leaves its own, for runners. */
  readonly doors: EngineDoors
  readonly access: Access
}

export interface RunningEngine {
  /** Checks its part of new options. @throws TsaltError where it is wrong. @returns what takes them over */
  prepare?: Prepare
  /** Waits for what must not be cut short. */
  stop(): Promise<void>
}

export interface Engine {
  /** `reactor` */
  readonly name: string
  /** undefined: nothing is configured for it. @throws TsaltError where its configuration is wrong: the master does not start */
  start(services: EngineServices): Promise<RunningEngine | undefined>
}
