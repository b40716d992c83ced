/** An entry of the master's schedule: as a minion's, and with `tgt` a job of minions, without it a runner. */
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { readScheduledJob, type ScheduledJob } from '../../shared/schedule/scheduled-job.ts'
import { readText } from '../../shared/schema/scalars.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { TargetError, type TargetKind, targetKinds } from '../../shared/targeting/target.ts'
import { masterWords } from './master-words.ts'

export interface MasterEntry extends ScheduledJob {
  /** Whom a job is for; undefined: a runner. */
  readonly target: { readonly kind: TargetKind; readonly expression: string } | undefined
  /** By whose rights; undefined: everything. */
  readonly as: string | undefined
}

export interface KnownNames {
  /** Times that have names. */
  readonly whens: Dict
  /** All runners, `module.function`. */
  readonly runners: readonly string[]
  /** The groups that targets may name; absent: targets are not read, which each run does anyway. */
  readonly nodegroups?: Dict
}

/** @returns what is wrong with it, as text */
export function readMasterEntry(name: string, entry: Value, known: KnownNames): MasterEntry | string {
  if (!isDict(entry)) return 'a mapping is expected'
  const own = new Map([...entry].filter(([key]) => Object.hasOwn(masterWords, String(key))))
  const rest = new Map([...entry].filter(([key]) => !own.has(key)))
  const job = readScheduledJob(name, rest, known.whens)
  if (typeof job === 'string') return job
  const target = targetOf(own)
  if (typeof target === 'string') return target
  const unreadable = target && known.nodegroups && unreadableTarget(target, known.nodegroups)
  if (unreadable !== undefined) return unreadable
  const as = own.has('as') ? readText(own.get('as')) : undefined
  if (own.has('as') && (as === undefined || as === '')) return '"as" has to be the name of an operator'
  return (target === undefined ? unknownRunner(job, known.runners) : undefined) ?? { ...job, target, as }
}

function targetOf(own: Dict): MasterEntry['target'] | string {
  const tgt = own.get('tgt')
  if (tgt === undefined)
    return own.has('tgt_type') ? '"tgt_type" belongs to "tgt", which is missing' : undefined
  const expression = isList(tgt) ? tgt.map((each) => readText(each) ?? '').join(',') : readText(tgt)
  if (expression === undefined || expression.trim() === '') return '"tgt" is empty'
  const word = own.has('tgt_type') ? (readText(own.get('tgt_type')) ?? '') : isList(tgt) ? 'list' : 'glob'
  const kind = targetKinds.find((known) => known === word)
  if (kind !== undefined) return { kind, expression }
  const near = nearest(word, targetKinds)
  return `"${word}" is no kind of target${near ? ` (did you mean "${near}"?)` : ''}`
}

function unreadableTarget(
  { kind, expression }: NonNullable<MasterEntry['target']>,
  nodegroups: Dict,
): string | undefined {
  try {
    compileTarget({ kind, expression, nodegroups })
    return undefined
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    const at = error.offset === undefined ? '' : ` (character ${error.offset + 1})`
    return `tgt: "${expression}" is not a target: ${error.message}${at}`
  }
}

/** Only whether there is such a runner: what its arguments have to be, it says itself. */
function unknownRunner({ fun }: ScheduledJob, runners: readonly string[]): string | undefined {
  if (runners.includes(fun)) return undefined
  const near = nearest(fun, runners)
  const hint = near ? ` (did you mean "${near}"?)` : ''
  return `there is no runner "${fun}"${hint}, and a function of minions needs "tgt"`
}
