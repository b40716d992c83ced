/** The part of making a daemon's world that has to be waited for, before there is a connection to give it. */
import type { JobRunner } from '../jobs/job-runner.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { EventOutbox } from './event-outbox.ts'
import type { MasterPort } from './master-port.ts'
import { MinionWorld } from './minion-world.ts'
import type { Redactor } from './redactor.ts'
import type { WorldParts } from './world-parts.ts'

/** What the minion tells of its own accord. */
export interface Telling {
  readonly outbox: EventOutbox
  readonly scheduler: Scheduler
}

export type WorldMaker = (master: MasterPort, jobs: () => JobRunner) => MinionWorld

interface Setup extends Pick<WorldParts, 'options' | 'id' | 'clock' | 'log'> {
  readonly folder: string
  readonly redactor: Redactor
  readonly transient?: true
}

/** @throws TsaltError `provider-unknown`, of the grains file */
export async function prepareWorld(setup: Setup, { outbox, scheduler }: Telling): Promise<WorldMaker> {
  const { options, redactor } = setup
  const local = options.file_client === 'local'
  return MinionWorld.prepare({
    ...setup,
    configFolder: setup.folder,
    undo: true,
    ...(setup.transient ? {} : { scheduler }),
    ...(local ? {} : { tell: (tag, data) => outbox.put(tag, data) }),
    pillarCompiled: redactor.learn.bind(redactor),
    argumentsSeen: redactor.learnFrom.bind(redactor),
    local,
  })
}
