/** Execution module `saltutil`: the minion itself: what runs on it, what it keeps of the master. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { functionsOf } from '../../shared/several-functions.ts'
import { execFunction, execModule, type ModuleContext, type RunningJob } from './contract.ts'
import { jobCalls } from './saltutil-jobs.ts'
import { refusedUtilities } from './saltutil-refused.ts'

const none = v.strictObject({})
const jid = v.strictObject({ jid: needed(anything, 'Job id, 20 digits.') })

function jobIdOf(given: unknown): JobId {
  return parseJobId(String(given))
}

/** Salt's shape of a running job. */
function described({ jid: id, fun, args, pid, started }: RunningJob): Plain {
  return { jid: id, fun, arg: args, pid, started: new Date(started).toISOString() }
}

async function refreshGrains(context: ModuleContext): Promise<Plain> {
  await context.services.grains.refresh()
  return true
}

/** @param kinds folders of the tree without their underscore */
async function sync(context: ModuleContext, kinds: readonly string[]): Promise<Record<string, Plain>> {
  const { changed, refused } = await context.services.sync.all()
  await context.services.grains.refresh()
  const answer: Record<string, Plain> = {}
  for (const kind of kinds) {
    const sentences = refused.filter((one) => one.kind === kind).map(({ sentence }) => sentence)
    answer[kind] = [...changed.filter((name) => name.startsWith(`${kind}.`)), ...sentences]
  }
  return answer
}

/** What Salt syncs; of others than grains, modules, states and beacons only Python files are named. */
const syncedKinds = [
  ...['grains', 'modules', 'states', 'renderers', 'returners', 'utils', 'outputters', 'beacons', 'engines'],
  ...['matchers', 'sdb', 'serializers', 'executors', 'proxy'],
]

const synced = v.strictObject({
  saltenv: optional(anything, 'Accepted and not used: programs come from base.'),
  refresh: optional(anything, 'Accepted: what is synced is used at once.'),
})

function syncOf(kind: string, summary: string, name = kind) {
  return execFunction({
    summary,
    args: synced,
    examples: [`tsalt '*' saltutil.sync_${name}`],
    readOnly: true,
    run: async (_, context) => (await sync(context, [kind]))[kind] ?? [],
  })
}

const pythonOnly = (kind: string, name = kind) =>
  syncOf(kind, `Names the files under \`_${kind}\`: they are Python and do not run.`, name)

/** Function after `sync_`, and folder in the tree. */
const pythonKinds = [
  ...['clouds', 'engines', 'executors', 'log_handlers', 'matchers', 'outputters', 'pillar', 'sdb'],
  ...['renderers', 'returners', 'serializers', 'thorium', 'tops', 'utils', 'wrapper'],
]
  .map((kind) => [kind, kind] as const)
  .concat([
    ['output', 'output'],
    ['proxymodules', 'proxy'],
  ])

function kill(given: unknown, signal: 'TERM' | 'KILL', { services, job }: ModuleContext): Plain {
  const wanted = jobIdOf(given)
  if (wanted === job.jid) return 'A job cannot end itself.'
  if (!services.jobs.kill(wanted, signal)) return `No job ${wanted} runs on this minion.`
  return `Signal ${signal === 'TERM' ? 15 : 9} sent to job ${wanted}`
}

export const saltutilModule = execModule({
  summary: 'The minion itself: what runs on it, and what it keeps of the master.',
  functions: {
    ...jobCalls,
    ...refusedUtilities,
    ...Object.fromEntries(
      pythonKinds.map(([name, kind]) => [`sync_${name}`, pythonOnly(kind, name)] as const),
    ),
    refresh_pillar: execFunction({
      summary: 'Has the pillar compiled afresh and keeps it. False where it failed to compile.',
      args: none,
      examples: ["tsalt '*' saltutil.refresh_pillar"],
      readOnly: true,
      async run(_, { services }) {
        const { errors } = await services.pillar.refresh()
        // What the mine is told may come out of the pillar.
        services.mine?.due()
        return errors.length === 0
      },
    }),
    refresh_grains: execFunction({
      summary: 'Finds the grains anew and tells the master.',
      args: none,
      examples: ["tsalt '*' saltutil.refresh_grains"],
      readOnly: true,
      run: (_, context) => refreshGrains(context),
    }),
    sync_grains: syncOf(
      'grains',
      'Brings the programs under `_grains` of the tree up to date and finds the grains anew.',
    ),
    sync_modules: syncOf(
      'modules',
      'Brings the programs under `_modules` of the tree up to date; names Python files, which do not run.',
    ),
    sync_states: syncOf(
      'states',
      'Brings the programs under `_states` of the tree up to date; names Python files, which do not run.',
    ),
    sync_beacons: syncOf(
      'beacons',
      'Brings the programs under `_beacons` of the tree up to date; names Python files, which do not run.',
    ),
    refresh_beacons: execFunction({
      summary: 'Reads the beacons again, as the minion does by itself when something of them changed.',
      args: none,
      examples: ["tsalt '*' saltutil.refresh_beacons"],
      readOnly: true,
      async run(_, { services }) {
        await services.beacons.refresh(true)
        return true
      },
    }),
    sync_all: execFunction({
      summary:
        'Brings everything up to date that the tree has for minions: programs for grains, modules, states, beacons.',
      args: synced,
      examples: ["tsalt '*' saltutil.sync_all"],
      readOnly: true,
      run: async (_, context) => {
        const answer = await sync(context, syncedKinds)
        await context.services.pillar.refresh()
        const empty = Object.entries(answer).filter(([, names]) => (names as Plain[]).length === 0)
        for (const [kind] of empty)
          if (!['grains', 'modules', 'states', 'beacons'].includes(kind)) delete answer[kind]
        return answer
      },
    }),
    runner: execFunction({
      summary: 'Refused: what a runner does is done on the master, and no minion starts it there.',
      args: v.strictObject({
        name: needed(anything, 'The runner.'),
        options: optional(mapping, 'Whatever is given by name.'),
      }),
      restKeywords: 'options',
      examples: ['tsalt web1 saltutil.runner cache.grains'],
      readOnly: true,
      run: async ({ name }) => {
        throw new TsaltError('runner-refused', { runner: String(name) })
      },
    }),
    running: execFunction({
      summary: 'The jobs that run on this minion now, this one left out.',
      args: none,
      examples: ["tsalt '*' saltutil.running"],
      readOnly: true,
      run: async (_, { services, job }) =>
        services.jobs
          .running()
          .filter((other) => other.jid !== job.jid)
          .map(described),
    }),
    is_running: execFunction({
      summary: 'The running jobs of a function; `state.*` for all of a module.',
      args: v.strictObject({ fun: needed(v.string(), 'Function, `*` and `?` stand for characters.') }),
      examples: ["tsalt '*' saltutil.is_running 'state.*'"],
      readOnly: true,
      run: async ({ fun }, { services, job }) =>
        services.jobs
          .running()
          .filter(
            (other) => other.jid !== job.jid && functionsOf(other.fun).some((name) => matches(fun, name)),
          )
          .map(described),
    }),
    find_job: execFunction({
      summary: 'What is known of a job if it runs on this minion, else nothing.',
      args: jid,
      examples: ["tsalt '*' saltutil.find_job 20260101120000000000"],
      readOnly: true,
      run: async (args, { services }) => {
        const wanted = jobIdOf(args.jid)
        const found = services.jobs.running().find((job) => job.jid === wanted)
        return found ? described(found) : {}
      },
    }),
    term_job: execFunction({
      summary: 'Ends a job; commands get SIGTERM, and SIGKILL after ten seconds.',
      args: jid,
      examples: ["tsalt '*' saltutil.term_job 20260101120000000000"],
      readOnly: false,
      besideRuns: true,
      run: async (args, context) => kill(args.jid, 'TERM', context),
    }),
    kill_job: execFunction({
      summary: 'Ends a job at once; commands get SIGKILL.',
      args: jid,
      examples: ["tsalt '*' saltutil.kill_job 20260101120000000000"],
      readOnly: false,
      besideRuns: true,
      run: async (args, context) => kill(args.jid, 'KILL', context),
    }),
  },
})

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
