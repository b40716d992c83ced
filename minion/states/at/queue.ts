/** The queue of at: jobs that wait, whose they are, and what they run. */
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'
import { saidBy } from '../said-by.ts'

export interface WaitingJob {
  readonly id: string
  readonly user: string
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** `at -c`: the environment of who made it, and what it runs. */
  readonly script: string
  /** The lines that it runs. */
  readonly lines: readonly string[]
  readonly tag: string | undefined
}

/** How Salt writes the tag of a job: its first line. */
export const tagLine = (tag: string): string => `### SALT: ${tag}`

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `4\tSun Nov 22 10:20:00 2026 a root`; the queue `=` is of jobs that run now. */
function parseJob(line: string): Omit<WaitingJob, 'script' | 'lines' | 'tag'> | undefined {
  const match = /^(\d+)\s+\w{3} (\w{3})\s+(\d+) (\d\d):(\d\d):\d\d (\d{4}) ([a-zA-Z]) (\S+)$/.exec(
    line.trim(),
  )
  if (!match) return undefined
  const [, id = '', month = '', day, hour, minute, year, , user = ''] = match
  return {
    id,
    user,
    year: Number(year),
    month: months.indexOf(month) + 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
  }
}

/** Jobs in the order of their numbers. @returns what is wrong, as text */
export async function waitingJobs(look: Reader): Promise<WaitingJob[] | string> {
  const { code, stdout, stderr } = await look.commands.query(['atq'])
  if (code !== 0) return `atq failed: ${saidBy({ code, stderr, stdout })}`
  const jobs: WaitingJob[] = []
  for (const line of stdout.split('\n')) {
    const job = parseJob(line)
    if (!job) continue
    const shown = await look.commands.query(['at', '-c', job.id])
    // It ran, or was removed, since it was listed.
    if (shown.code !== 0) continue
    const lines = linesRun(shown.stdout)
    const tag = /^### SALT: (.*)$/.exec(lines[0] ?? '')?.[1]
    jobs.push({ ...job, script: shown.stdout, lines: tag === undefined ? lines : lines.slice(1), tag })
  }
  return jobs.sort((a, b) => Number(a.id) - Number(b.id))
}

/**
 * What was given to at. Before it stand the umask, the environment and the directory, which ends with a brace of its
 * own; some systems put it between the lines of a here document.
 */
export function linesRun(script: string): string[] {
  const lines = script.split('\n')
  const document = lines.findLastIndex((line) => /<<\s*'?marcinDELIMITER\w+'?\s*$/.test(line))
  const start =
    document >= 0
      ? document
      : lines.findIndex((line, index) => line === '}' && /^\s*exit 1$/.test(lines[index - 1] ?? ''))
  return lines
    .slice(start + 1)
    .filter((line) => !/^marcinDELIMITER\w+$/.test(line))
    .join('\n')
    .trim()
    .split('\n')
}

export async function requireAt(look: Reader, run: StateRun): Promise<Decision | undefined> {
  if ((await look.commands.which('at')) !== undefined) return undefined
  const bringer = run.test && run.predicted.find(({ state }) => state === 'pkg' || state === 'cmd')
  if (bringer)
    return unknown(`at is not installed yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`)
  return failed(
    'at is not installed',
    'Install it in an earlier state (pkg.installed: at), and require that.',
  )
}
