/** The schedule as functions and states see it, and the daemon's scheduler behind it. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { decodeValue, encodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { laidOver } from '../../shared/schedule/layers.ts'
import type { ScheduledJob } from '../../shared/schedule/scheduled-job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { ScheduleService } from '../modules/contract.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { redactedReturn } from './job-secrets.ts'

const scheduleFile = ({ state_dir }: MinionOptions): string => join(state_dir, 'schedule.json')
const configuredOf = ({ schedule }: MinionOptions): Dict => toValue(schedule as Plain) as Dict

export function scheduleService(
  parts: {
    readonly options: MinionOptions
    readonly scheduler?: Pick<Scheduler, 'refresh' | 'nextFireTime' | 'runNow'>
  },
  pillar: () => Dict,
  grains: () => Dict,
): ScheduleService {
  const { options, scheduler } = parts
  const entries = (): Dict => {
    const found = pillar().get('schedule') ?? null
    return isDict(found) ? found : new Map()
  }
  return {
    file: scheduleFile(options),
    given: () => laidOver(entries(), configuredOf(options)),
    whens: () => whensOf(grains(), pillar()),
    refresh: async () => scheduler?.refresh(),
    nextFireTime: (name) => scheduler?.nextFireTime(name),
    runNow: (name) => scheduler?.runNow(name) ?? false,
  }
}

/** Times that have names; the pillar's count before the grains'. */
function whensOf(...from: readonly Dict[]): Dict {
  return new Map(
    from.flatMap((each) => {
      const named = each.get('whens') ?? null
      return isDict(named) ? [...named] : []
    }),
  )
}

export interface DaemonParts {
  readonly options: MinionOptions
  readonly id: string
  readonly clock: Clock
  readonly log: Logger
  readonly redactor: Redactor
  world(): {
    readonly pillar: Dict
    readonly grains: { readonly current: Dict }
    loadPillar(): Promise<unknown>
  }
  jobs(): Pick<JobRunner, 'call'>
  /** @throws TsaltError `event-too-large`, `event-outbox-full` */
  tell(tag: string, data: Value): void
}

export function openScheduler(parts: DaemonParts): Scheduler {
  const { options, clock, log, redactor, world, jobs } = parts
  const never = new AbortController().signal
  return new Scheduler({
    clock,
    log,
    configured: configuredOf(options),
    file: scheduleFile(options),
    timesFile: join(options.state_dir, 'schedule-times.json'),
    pillar: () => world().pillar,
    whens: () => whensOf(world().grains.current, world().pillar),
    loadPillar: () => world().loadPillar(),
    call: async ({ fun, args, kwargs }) => {
      const named = Object.fromEntries([...kwargs].map(([key, value]) => [String(key), encodeValue(value)]))
      const result = await jobs().call({ fun, args: args.map(encodeValue), kwargs: named }, never, () => {})
      return redactedReturn(redactor, result, 'master')
    },
    done: (job, result) => report(job, result, parts),
  })
}

/** `schedule/NAME`, with what any return has. A result that is too large is left out, its verdict never. */
function report(job: ScheduledJob, result: JobReturn, { id, log, tell }: DaemonParts): void {
  const { jid, fun, outcome, retcode, success, ret, started, duration } = result
  log.info({ schedule: job.name, jid, fun, outcome, retcode }, 'a scheduled job has ended')
  if (!job.returnJob) return
  const verdict: [string, Value][] = [
    ['id', id],
    ['schedule', job.name],
    ...(job.jidInclude ? [['jid', jid] as [string, Value]] : []),
    ['fun', fun],
    ['fun_args', [...job.args]],
    ['outcome', outcome],
    ['retcode', retcode],
    ['success', success],
    ['started', started],
    ['duration', duration],
    ...(job.metadata === null ? [] : [['metadata', job.metadata] as [string, Value]]),
  ]
  const tag = `schedule/${job.name.replace(/[^\w.@-]+/g, '_').slice(0, 200)}`
  try {
    try {
      tell(tag, new Map([...verdict, ['return', decodeValue(ret)]]))
    } catch (error) {
      if (!isTsaltError(error) || error.code !== 'event-too-large') throw error
      tell(tag, new Map([...verdict, ['return', null], ['return_bytes', JSON.stringify(ret).length]]))
    }
  } catch (error) {
    log.error({ err: error, schedule: job.name }, 'the master will not be told of a scheduled job')
  }
}
