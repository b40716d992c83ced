/**
 * Execution module `undo`: takes back what a job changed on this machine. It refuses as a whole where something is no
 * longer as the job left it, and is a job with a journal of its own, so that it can be undone in turn.
 */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { isTsaltError } from '../../shared/errors/error.ts'
import { type JobId, parseJobId } from '../../shared/ids.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { UndoEntry } from '../system/undo-entry.ts'
import { undoItems } from '../system/undo-items.ts'
import { previewUndo, type UndoStep } from '../system/undo-preview.ts'
import { restore } from '../system/undo-restore.ts'
import { type Answer, execFunction, execModule, type ModuleContext } from './contract.ts'

interface Entry {
  readonly what: string
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Plain
}

async function undoJob(
  jid: JobId,
  options: { readonly test: boolean; readonly force: boolean; readonly purge: boolean },
  context: ModuleContext,
): Promise<Answer> {
  const plan = context.services.undo.plan(jid)
  const later = options.force ? new Map<JobId, ReadonlySet<string>>() : laterChanges(jid, context)
  const steps = await previewUndo(plan, context.look, later, options)
  const conflicts = steps.filter(({ kind }) => kind === 'conflict')
  if (conflicts.length > 0 && !options.force) return answer(jid, conflicts.map(conflictEntry))
  if (options.test)
    return answer(
      jid,
      steps.map((step) => predicted(step)),
    )
  const { restored, left } = await restore(plan, context.act, options)
  const done = new Set(restored)
  const whys = new Map(left.map(({ what, why }) => [what, why]))
  return answer(
    jid,
    steps.map((step) => outcomeOf(step, done, whys)),
  )
}

/** Jobs that came after it, with the paths that they changed. One whose journal is damaged is left out. */
function laterChanges(jid: JobId, { services, job }: ModuleContext): Map<JobId, ReadonlySet<string>> {
  const later = new Map<JobId, ReadonlySet<string>>()
  for (const other of services.undo.jobs()) {
    if (other <= jid || other === job.jid) continue
    try {
      later.set(other, new Set(services.undo.plan(other).entries.flatMap(pathOf)))
    } catch (error) {
      if (!isTsaltError(error)) throw error
    }
  }
  return later
}

const pathOf = (entry: UndoEntry): string[] => ('path' in entry ? [entry.path] : [])

const conflictEntry = ({ what, text }: UndoStep): Entry => ({
  what,
  result: false,
  comment: `Nothing was undone: ${text}. With force=True it is put back all the same`,
  changes: {},
})

function predicted({ what, kind, text }: UndoStep): Entry {
  if (kind === 'left') return { what, result: false, comment: `Cannot be put back: ${text}`, changes: {} }
  if (kind === 'same') return { what, result: true, comment: text, changes: {} }
  return { what, result: null, comment: 'Would be put back', changes: { undo: text } }
}

function outcomeOf(step: UndoStep, done: ReadonlySet<string>, whys: ReadonlyMap<string, string>): Entry {
  const { what, kind, text } = step
  const unchanged: Entry = { what, result: true, comment: 'it is as it was', changes: {} }
  if (kind === 'same') return unchanged
  const why = whys.get(what)
  if (why !== undefined) return { what, result: false, comment: `Cannot be put back: ${why}`, changes: {} }
  if (!done.has(what)) return unchanged
  return {
    what,
    result: true,
    comment: 'Put back',
    changes: { undo: kind === 'conflict' ? 'put back by force' : text },
  }
}

/** In the form of a state run, so that it is shown, counted and stored as one. */
function answer(jid: JobId, entries: readonly Entry[]): Answer {
  const ret = new Map<string, Plain>()
  for (const [number, { what, result, comment, changes }] of entries.entries()) {
    const body = {
      name: what,
      result,
      comment,
      changes,
      __run_num__: number,
      __id__: what,
      __sls__: `job ${jid}`,
    }
    ret.set(`undo_|-${what}_|-${what}_|-job`, { ...body, start_time: '', duration: 0 })
  }
  const failed = entries.some(({ result }) => result === false)
  return { ret, retcode: failed ? 2 : 0, format: 'highstate' }
}

function summaryOf(entries: readonly UndoEntry[]): Plain {
  const paths = [...new Set(entries.flatMap(pathOf))]
  const services = new Set(entries.flatMap((entry) => (entry.kind === 'service' ? [entry.name] : [])))
  const lost = entries.filter(({ kind }) => kind === 'lost')
  const items = undoItems(entries)
  const packages = items.flatMap((item) => (item.kind === 'packages' ? [...item.before.keys()] : []))
  const count = (kind: 'account' | 'command') => items.filter((item) => item.kind === kind).length
  return {
    files: paths.length,
    services: services.size,
    packages: packages.length,
    accounts: count('account'),
    commands: count('command'),
    'cannot be put back': lost.length,
    'first files': paths.slice(0, 3),
  }
}

export const undoModule = execModule({
  summary:
    'Takes back what a job changed: files, packages, accounts, services, holds, and commands that say how.',
  functions: {
    job: execFunction({
      summary: 'Puts back what a job changed on this machine; what cannot be put back is named.',
      args: v.strictObject({
        jid: needed(nonEmptyText, 'Job id, as undo.list and the output of the job show it.'),
        test: optional(flag, 'A dry run: nothing is changed, what would be put back is shown.'),
        force: defaulted(flag, false, 'Put back also what was changed since.'),
        purge: defaulted(
          flag,
          false,
          'Packages that the job installed go with their configuration, and with the data that a package keeps.',
        ),
      }),
      examples: [
        'tsalt web1 undo.job 20260102030405000000 test=True',
        'tsalt web1 undo.job 20260102030405000000',
      ],
      readOnly: false,
      queued: true,
      run: ({ jid, test, ...options }, context) =>
        undoJob(parseJobId(jid), { ...options, test: test ?? context.config.get('test') === true }, context),
    }),
    list: execFunction({
      summary: 'Lists the jobs that can be undone on this machine, with how much they changed.',
      args: v.strictObject({}),
      examples: ["tsalt '*' undo.list"],
      readOnly: true,
      run: async (_, { services }) =>
        new Map(
          services.undo.jobs().map((jid): [string, Plain] => {
            try {
              return [jid, summaryOf(services.undo.plan(jid).entries)]
            } catch (error) {
              if (!isTsaltError(error)) throw error
              return [jid, error.message]
            }
          }),
        ),
    }),
  },
})
