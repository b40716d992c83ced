/** A user's table of jobs as Salt keeps it: what others wrote stays above the line, what is managed stands below it. */
import { linesOf, textOf } from '../text-file.ts'

const mark = '# Lines below here are managed by Salt, do not edit'
const identifierMark = 'SALT_CRON_IDENTIFIER'
const disabledMark = '#DISABLED#'
export const noIdentifier = 'NO ID SET'

export interface CronJob {
  /** `*\/5 * * * *`, or `@daily`. */
  readonly schedule: string
  readonly command: string
  readonly comment: string | undefined
  readonly identifier: string | undefined
  readonly commented: boolean
}

export interface CronTable {
  /** Lines that are not managed. */
  readonly others: readonly string[]
  readonly environment: ReadonlyMap<string, string>
  readonly jobs: readonly CronJob[]
}

interface About {
  comment: string | undefined
  identifier: string | undefined
}

export function parseTable(text: string): CronTable {
  const others: string[] = []
  const environment = new Map<string, string>()
  const jobs: CronJob[] = []
  let managed = false
  let about: About = { comment: undefined, identifier: undefined }
  for (const line of linesOf(text)) {
    if (line === mark) managed = true
    else if (!managed) others.push(line)
    else if (line.startsWith('#') && !line.startsWith(disabledMark)) about = withComment(about, line)
    else {
      const job = parseJob(line, about)
      const variable = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line)
      if (job) jobs.push(job)
      else if (variable) environment.set(variable[1] ?? '', variable[2] ?? '')
      else others.push(line)
      about = { comment: undefined, identifier: undefined }
    }
  }
  return { others, environment, jobs }
}

/** Comments stand above the job that they belong to; the last one may name its identifier. */
function withComment(about: About, line: string): About {
  const text = line.replace(/^[# ]+/, '')
  const at = text.indexOf(identifierMark)
  const words = (at < 0 ? text : text.slice(0, at)).trimEnd()
  const identifier = at < 0 ? about.identifier : text.slice(at + identifierMark.length + 1).trim()
  const comment = [about.comment, words === '' ? undefined : words].filter((part) => part !== undefined)
  return { comment: comment.length > 0 ? comment.join('\n') : undefined, identifier }
}

function parseJob(written: string, about: About): CronJob | undefined {
  const commented = written.startsWith(disabledMark)
  const line = commented ? written.slice(disabledMark.length).trimStart() : written
  if (/^\w+\s*=/.test(line)) return undefined
  const parts = /^(@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.+)$/.exec(line)
  if (!parts) return undefined
  return { schedule: (parts[1] ?? '').replace(/\s+/g, ' '), command: parts[2] ?? '', ...about, commented }
}

export function writeTable({ others, environment, jobs }: CronTable): string {
  const isTimed = (job: CronJob): boolean => !job.schedule.startsWith('@')
  return textOf([
    ...others,
    mark,
    ...[...environment].map(([name, value]) => `${name}=${value === '' ? '""' : value}`),
    ...jobs.filter(isTimed).flatMap(writeJob),
    ...jobs.filter((job) => !isTimed(job)).flatMap(writeJob),
  ])
}

function writeJob({ schedule, command, comment, identifier, commented }: CronJob): string[] {
  const job = `${commented ? disabledMark : ''}${schedule} ${command}`
  if (comment === undefined && identifier === undefined) return [job]
  const words = comment === undefined ? '' : ` ${comment.replaceAll('\n', '\n# ')}`
  const named = identifier === undefined ? '' : ` ${identifierMark}:${identifier}`
  return [...`#${words}${named}`.split('\n'), job]
}

/**
 * The job that is meant: the one of this identifier, or the command without one. What was written before identifiers
 * were in use has its command for an identifier.
 */
export function findJob(jobs: readonly CronJob[], command: string, identifier: string): number {
  const named = jobs.findIndex((job) => job.identifier === identifier)
  if (named >= 0) return named
  return jobs.findIndex(
    (job) =>
      job.command === command &&
      (job.identifier === undefined || job.identifier === noIdentifier || job.identifier === command),
  )
}
