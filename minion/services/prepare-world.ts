/** The part of making a daemon's world that has to be waited for, before there is a connection to give it. */

import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { Beacons } from '../beacons/beacons.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { mineAccess } from '../mine/mine-access.ts'
import type { MineRefresher } from '../mine/mine-refresher.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { EventOutbox } from './event-outbox.ts'
import type { MasterPort } from './master-port.ts'
import { MinionWorld } from './minion-world.ts'
import type { WorldParts } from './world-parts.ts'

/** What the minion tells of its own accord. */
export interface Telling {
  readonly outbox: EventOutbox
  readonly scheduler: Scheduler
  readonly beacons: Beacons
  readonly mine: MineRefresher
}

export type WorldMaker = (master: MasterPort, jobs: () => JobRunner) => MinionWorld

interface Setup extends Pick<WorldParts, 'options' | 'id' | 'clock' | 'log'> {
  readonly folder: string
  readonly redactor: Redactor
  readonly transient?: true
}

/** @throws TsaltError `provider-unknown`, of the grains file */
export async function prepareWorld(
  setup: Setup,
  { outbox, scheduler, beacons, mine }: Telling,
): Promise<WorldMaker> {
  const { options, redactor } = setup
  const local = options.file_client === 'local'
  return MinionWorld.prepare({
    ...setup,
    configFolder: setup.folder,
    undo: true,
    ...(setup.transient ? {} : { scheduler, beacons }),
    ...(local ? {} : { tell: (tag, data) => outbox.put(tag, data) }),
    mine: (master) => mineAccess({ master, redact: (data) => redactor.json(data), due: () => mine.due() }),
    pillarCompiled(pillar, secrets) {
      redactor.learn(pillar, secrets)
      // It is held a moment later, before this is done.
      void beacons.refresh()
      mine.pillarCompiled()
    },
    argumentsSeen: redactor.learnFrom.bind(redactor),
    local,
  })
}
