/** `tsalt jobs list`. */
import { toValue } from '../../shared/data/value.ts'
import { durationWords, localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { type Color, paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { JobState, JobSummary } from '../api/schemas.ts'
import { type Console, speaksUnicode } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { outputSettings } from './job-session.ts'
import { commandWords, countParts, jobFields, targetText } from './job-words.ts'
import type { JobsOptions } from './jobs-program.ts'
import type { MasterClient } from './master-client.ts'
import { openOutput } from './output-file.ts'
import { pastMoment } from './past-moment.ts'
import { fitColumns } from './text-width.ts'

const colors: Readonly<Record<JobState, Color>> = {
  ok: 'green',
  running: 'cyan',
  waiting: 'lightYellow',
  failed: 'lightRed',
  cancelled: 'lightYellow',
  expired: 'lightYellow',
}

export async function listJobs(
  client: MasterClient,
  console: Console,
  options: JobsOptions,
  limit: number,
): Promise<number> {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const name of ['function', 'target', 'operator', 'state'] as const) {
    const value = options[name]
    if (value !== undefined) query.set(name, value)
  }
  if (options.since !== undefined) query.set('since', String(pastMoment(options.since, console.clock.now())))
  const jobs = await client.get<JobSummary[]>(`/job-summaries?${query}`)
  const settings = outputSettings(options, {}, console)
  const output = openOutput(console, options)
  if (isDocument(settings)) output.write(formatValue(toValue(jobs.map(fields)), settings))
  else if (jobs.length === 0) console.err('No job is kept that fits.\n')
  else {
    const width = options.outFile === undefined && console.outIsTerminal ? console.size().columns : undefined
    for (const line of table(jobs, settings.color, width, speaksUnicode(console.env)))
      output.write(`${line}\n`)
  }
  output.close()
  return exitCodes.ok
}

/** @param width where lines have to fit into a window: only commands are cut */
function table(
  jobs: readonly JobSummary[],
  color: boolean,
  width: number | undefined,
  unicode: boolean,
): string[] {
  const paint = paintOf(color)
  const rows = jobs.map((job) => [
    job.jid,
    localTime(job.submitted),
    harmlessLine(job.operator),
    countParts(job.counts)
      .map(({ text }) => text)
      .join(', '),
    job.ended === undefined ? '' : durationWords(Math.max(0, job.ended - job.submitted)),
  ])
  const head = ['JID', 'Submitted', 'By', 'Result', 'Took']
  const widths = head.map((word, at) => Math.max(word.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const padded = (row: readonly string[]): string[] => row.map((cell, at) => cell.padEnd(widths[at] ?? 0))
  const before = widths.reduce((sum, each) => sum + each + 2, 0)
  const room = width === undefined ? undefined : Math.max(20, width - 1 - before)
  const lines = jobs.map((job, at) => {
    const cells = padded(rows[at] ?? [])
    const [state = 'ok'] = [...job.states].sort((a, b) => severity.indexOf(b) - severity.indexOf(a))
    cells[3] = paint(colors[state], cells[3] ?? '')
    const words = `${commandWords(job)}  ${targetText(job.target)}`
    const command = room === undefined ? words : fitColumns(words, room, unicode)
    return `${cells.join('  ')}  ${paint('bold', command)}`
  })
  return [paint('dim', [...padded(head), 'Command and target'].join('  ')), ...lines]
}

const severity: readonly JobState[] = ['ok', 'running', 'waiting', 'expired', 'cancelled', 'failed']

function fields(job: JobSummary): Parameters<typeof toValue>[0] {
  return {
    ...jobFields(job),
    ...(job.ended === undefined ? {} : { ended: new Date(job.ended).toISOString() }),
    states: [...job.states],
    minions: job.targets,
    counts: { ...job.counts },
  }
}
