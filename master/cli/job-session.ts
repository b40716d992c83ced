/** One job from its submission (or an attachment to it) to the last line and the exit code. */

import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { OutputSettings } from '../../shared/output/format.ts'
import { outputNames, parseStateForm } from '../../shared/output/format.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { exitCodeOfJob, exitCodes } from './exit-codes.ts'
import { type Followed, followJob } from './follow-job.ts'
import { InterruptQuestion } from './interrupt-question.ts'
import { endingOf } from './job-ledger.ts'
import { JobReport } from './job-report.ts'
import { isLogged, type LogLevel, logToFile } from './log-file.ts'
import type { MasterClient, MasterStatus } from './master-client.ts'
import { openOutput } from './output-file.ts'
import type { ReportingOptions } from './reporting-options.ts'
import { afterWords, againWords } from './rollout-words.ts'
import { SessionView } from './session-view.ts'

const fallbackSilence = 30

export interface SessionStart {
  readonly jid: JobId
  readonly fun: string
  /** The target came from default_target: the first line says which minions it is. */
  readonly defaulted: boolean
  /** Monotonic milliseconds at which it was submitted, or the following began. */
  readonly began: number
  /** `test=True` was typed. */
  readonly dryRun: boolean | undefined
  /** The list of targets is shown first in any case (an attachment). */
  readonly announce: boolean
  /** The master runs it itself: an orchestration. */
  readonly own?: true
}

export function outputSettings(
  options: ReportingOptions,
  status: MasterStatus,
  console: Console,
  dryRun?: boolean,
): OutputSettings {
  const configured = status.stateOutput === undefined ? undefined : parseStateForm(status.stateOutput)
  const { form, byId } = options.stateOutput ?? configured ?? { form: 'short' as const, byId: false }
  return {
    out: options.out ?? outputNames.find((name) => name === status.output),
    stateForm: form,
    byId,
    stateVerbose: !options.outputDiff && (options.stateVerbose ?? status.stateVerbose ?? true),
    stateLook: status.stateLook ?? {},
    color: options.outFile !== undefined ? options.forceColor : wantsColor(console, options, status.color),
    unicode: speaksUnicode(console.env),
    ...(options.outIndent === undefined ? {} : { indent: options.outIndent }),
    ...(dryRun === undefined ? {} : { dryRun }),
  }
}

/** The master's settings; a master that can't tell them must not keep a job from being followed. */
export async function statusOf(client: MasterClient): Promise<MasterStatus> {
  try {
    return await client.status()
  } catch {
    return {}
  }
}

/** Follows and prints. @returns the exit code */
export async function followAndReport(
  client: MasterClient,
  console: Console,
  options: ReportingOptions,
  start: SessionStart,
  status: MasterStatus,
): Promise<number> {
  const { clock } = console
  const silence = options.timeout ?? status.timeout ?? fallbackSilence
  const output = openOutput(console, options)
  const view = new SessionView(console, options, start)
  const report = new JobReport(start.fun, outputSettings(options, status, console, start.dryRun), {
    static: options.static,
    hideTimeout: options.hideTimeout,
    summary: options.summary || status.summary === true,
    silence,
    out: (text) => (options.outFile === undefined ? view.print(text) : output.write(text)),
    ready: () => view.ready(),
    err: (text) => view.say(text),
  })
  view.report = report
  const canAsk = console.inIsTerminal && console.errIsTerminal
  const question = new InterruptQuestion(client, console, start.jid)
  const followed = await followJob(client, start.jid, console, view, {
    silence: () => silence,
    accepted: !start.announce,
    ...(canAsk ? { asked: (over) => view.paused(() => question.ask(over)) } : {}),
  }).catch((error: unknown) => {
    view.end()
    output.close()
    if (isLoggedOut(error)) console.err(goesOn(start.jid))
    throw error
  })
  view.end()
  if (followed.reason === 'end') {
    await report.finish(followed.ledger, clock.monotonic() - start.began, clock.now())
    view.end()
    output.close()
    return finishedCode(console, followed, start)
  }
  output.close()
  return leave(console, start.jid, followed)
}

/** The master takes no more of who follows; the job itself is not touched by that. */
const isLoggedOut = (error: unknown): boolean =>
  error instanceof TsaltError && (error.code === 'session-ended' || error.code === 'credentials-refused')

const goesOn = (jid: JobId): string => `The job goes on. Attach again: tsalt jobs attach ${jid}\n`

function finishedCode(console: Console, { ledger }: Followed, { own }: SessionStart): number {
  const endings = ledger.targets().map(({ account }) => endingOf(account))
  const state = ledger.rollout?.state
  const broken = state === 'stopped' || state === 'aborted'
  const code = broken ? exitCodes.failed : exitCodeOfJob(endings)
  const again = ledger.rollout && againWords(ledger.rollout)
  if (again !== undefined) console.err(`${again}\n`)
  if (broken) console.err(`ERROR: The rollout was ${state}${afterWords(ledger.rollout)}\n`)
  else if (code === exitCodes.failed)
    console.err(`ERROR: ${own ? 'The orchestration failed' : 'Minions returned with non-zero exit code'}\n`)
  if (code === exitCodes.noReturn) console.err('ERROR: No return received\n')
  return code
}

function leave(console: Console, jid: JobId, followed: Followed): number {
  const attach = `Attach again: tsalt jobs attach ${jid}`
  if (followed.reason === 'gone') {
    console.err(
      `ERROR: The master did not come back within 30 seconds. The job goes on without it. ${attach}\n`,
    )
    return exitCodes.lost
  }
  console.err(`\nThe job goes on. ${attach} · end it: tsalt jobs kill ${jid}\n`)
  if (followed.signal === 'SIGTERM') return 143
  return followed.signal === 'SIGHUP' ? 129 : exitCodes.interrupted
}

/** What `-l debug` and --log-file show. @throws TsaltError `usage-wrong` where the file can't be written */
export function logLine(
  console: Console,
  options: { readonly logLevel: string },
  level: LogLevel,
  text: string,
): void {
  if (isLogged(level, options.logLevel)) console.err(`[${level.toUpperCase().padEnd(8)}] ${harmless(text)}\n`)
  logToFile(console, level, text)
}
