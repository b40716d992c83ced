/** Further functions of `saltutil`: signals for jobs, and what the minion keeps. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseJobId } from '../../shared/ids.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { whole } from '../../shared/schema/scalars.ts'
import type { ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

type Signal = 'TERM' | 'KILL'
const words: Readonly<Record<number, Signal>> = { 9: 'KILL', 15: 'TERM' }

function endAll(signal: Signal, { services, job }: ModuleContext): Plain {
  const others = services.jobs.running().filter(({ jid }) => jid !== job.jid)
  return others
    .filter(({ jid }) => services.jobs.kill(jid, signal))
    .map(({ jid }) => `Signal ${signal === 'TERM' ? 15 : 9} sent to job ${jid}`)
}

const refreshing = (name: string, summary: string) =>
  asking(summary, `saltutil.${name}`, { async: optional(anything, 'Accepted.') }, async (_, { services }) => {
    await services.sync.all()
    return true
  })

export const jobCalls = {
  term_all_jobs: changing(
    'Ends all jobs but this one; commands get SIGTERM.',
    'saltutil.term_all_jobs',
    {},
    async (_, context) => endAll('TERM', context),
    { besideRuns: true },
  ),
  kill_all_jobs: changing(
    'Ends all jobs but this one at once.',
    'saltutil.kill_all_jobs',
    {},
    async (_, context) => endAll('KILL', context),
    { besideRuns: true },
  ),
  signal_job: changing(
    'Ends a job with SIGTERM (15) or SIGKILL (9).',
    'saltutil.signal_job 20260101120000000000 15',
    { jid: needed(anything, 'Job id, 20 digits.'), sig: needed(whole, '15 or 9.') },
    async ({ jid, sig }, { services, job }) => {
      const wanted = parseJobId(String(jid))
      const signal = words[sig]
      if (signal === undefined)
        throw new TsaltError('function-failed', { fun: 'saltutil.signal_job', reason: 'a job gets 15 or 9' })
      if (wanted === job.jid) return 'A job cannot end itself.'
      return services.jobs.kill(wanted, signal) ? `Signal ${sig} sent to job ${wanted}` : ''
    },
    { besideRuns: true },
  ),
  clear_cache: changing(
    "Removes what functions put into the minion's cache of files; the trees of runs are kept elsewhere.",
    'saltutil.clear_cache',
    {},
    async (_, { act, config, look }) => {
      const folder = `${String(config.get('cachedir') ?? '/var/cache/tsalt/minion')}/files`
      if (await look.files.info(folder)) await act.files.remove(folder)
      return true
    },
  ),
  refresh_modules: refreshing('refresh_modules', 'Brings the programs of the tree up to date.'),
  refresh_matchers: refreshing('refresh_matchers', 'Brings the programs of the tree up to date.'),
  pillar_refresh: asking(
    'Has the pillar compiled afresh and keeps it.',
    'saltutil.pillar_refresh',
    {},
    async (_, { services }) => {
      const { errors } = await services.pillar.refresh()
      return errors.length === 0
    },
  ),
}
