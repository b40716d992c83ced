/** The orchestrator of a master, from its configuration and its other services. Whoever opens it ends it before what waits for it. */
import type { EventBus } from '../events/event-bus.ts'
import type { JobServiceHandle } from '../jobs/make-job-service.ts'
import type { PillarService } from '../pillar/pillar-service.ts'
import type { RolloutService } from '../rollouts/rollout-service.ts'
import type { CallRunner } from '../runners/call.ts'
import type { MasterSetup, Stops } from '../setup.ts'
import type { Store } from '../store/store.ts'
import type { ResolveTarget } from '../targeting/resolve.ts'
import type { CallWheel } from '../wheel/call-wheel.ts'
import { makeCompile } from './compile.ts'
import { masterName } from './master-grains.ts'
import { type Orchestrator, openOrchestrator } from './orchestrator.ts'

export interface OrchestrationNeeds {
  readonly store: Pick<Store, 'events'>
  readonly events: EventBus
  readonly jobs: JobServiceHandle
  readonly rollouts: RolloutService
  readonly pillars: PillarService
  readonly resolveTarget: ResolveTarget
  readonly callWheel: CallWheel
}

export async function openOrchestrations(
  setup: MasterSetup,
  needs: OrchestrationNeeds,
  /** Asked later: runners know the orchestrator in turn. */
  runner: () => CallRunner,
  stops: Stops,
): Promise<Orchestrator> {
  const { store, events, jobs, rollouts, pillars, resolveTarget, callWheel } = needs
  const { options, clock, logger: log } = setup
  const orchestrator = await openOrchestrator({
    own: jobs.own,
    withdraw: jobs.own.withdraw,
    id: () => masterName(),
    jobs,
    rollouts,
    clock,
    events,
    newestEvent: () => store.events.last(),
    resolveTarget,
    callRunner: (...words) => runner()(...words),
    callWheel,
    compile: makeCompile(setup, pillars),
    failhard: options.failhard,
    log,
  })
  stops.push(() => orchestrator.stop())
  return orchestrator
}
