/** What is called on the master by name: runners, wheel functions, orchestrations; and the engines, which call them by themselves. */
import { version } from '../shared/version.ts'
import type { Audit } from './audit/audit-log.ts'
import type { Access } from './auth/access.ts'
import type { EngineDoors } from './engines/doors.ts'
import { startEngines } from './engines/start-engines.ts'
import type { EventBus } from './events/event-bus.ts'
import type { FileService } from './files/file-service.ts'
import type { Sessions } from './gateway/sessions.ts'
import type { JobServiceHandle } from './jobs/make-job-service.ts'
import type { MineService } from './mine/mine-service.ts'
import { openOrchestrations } from './orchestrate/open-orchestrator.ts'
import type { Orchestrator } from './orchestrate/orchestrator.ts'
import { shownOptions } from './pillar/open-pillars.ts'
import type { PillarService } from './pillar/pillar-service.ts'
import type { KeyService } from './pki/key-service.ts'
import type { RolloutService } from './rollouts/rollout-service.ts'
import { type CallRunner, makeCallRunner } from './runners/call.ts'
import type { RunnerServices } from './runners/contract.ts'
import type { Reload } from './settings/reload.ts'
import type { MasterSetup, Stops } from './setup.ts'
import type { Store } from './store/store.ts'
import type { AcceptedMinion, ResolveTarget } from './targeting/resolve.ts'
import { type CallWheel, makeCallWheel } from './wheel/call-wheel.ts'

export interface CallGround {
  readonly store: Store
  readonly events: EventBus
  readonly jobs: JobServiceHandle
  readonly rollouts: RolloutService
  readonly sessions: Sessions
  readonly pillars: PillarService
  readonly files: FileService
  readonly mine: MineService
  readonly keys: KeyService
  readonly access: Access
  readonly audit: Audit
  readonly reload: Reload
  readonly accepted: () => readonly AcceptedMinion[]
  readonly resolveTarget: ResolveTarget
}

export interface Calls {
  readonly callRunner: CallRunner
  readonly callWheel: CallWheel
  /** Whoever opens what waits for answers ends this before it. */
  readonly orchestrator: Orchestrator
}

/** @throws TsaltError where the configuration of an engine is wrong */
export async function openCalls(setup: MasterSetup, ground: CallGround, stops: Stops): Promise<Calls> {
  const { options, clock, logger } = setup
  const { store, events, jobs, rollouts, sessions, pillars, files, access, audit, resolveTarget } = ground
  const doors: EngineDoors = {}
  const callWheel = makeCallWheel({ keys: ground.keys, events, access })
  const orchestrating = { store, events, jobs, rollouts, pillars, resolveTarget, callWheel }
  const orchestrator = await openOrchestrations(setup, orchestrating, () => callRunner, stops)
  const running: RunnerServices = {
    jobs,
    sessions,
    minions: store.minions,
    accepted: ground.accepted,
    resolveTarget,
    version,
    access,
    mine: ground.mine,
    events,
    opts: () => shownOptions(options),
    reload: ground.reload,
    callWheel,
    doors,
    orchestrator,
    pillars,
    files,
    refusals: () => audit.refusals(),
  }
  const callRunner = makeCallRunner(running, (entry) => audit.record(entry))
  const acting = { store, events, jobs, rollouts, files, resolveTarget, callRunner, callWheel, doors, access }
  const engines = await startEngines({ ...acting, options, clock, log: logger }, setup.settings)
  stops.push(() => engines.stop())
  return { callRunner, callWheel, orchestrator }
}
