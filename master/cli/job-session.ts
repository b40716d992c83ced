/** One job from its submission (or an attachment to it) to the last line and the exit code. */

import type { JobId } from '../../shared/ids.ts'
import type { OutputSettings } from '../../shared/output/format.ts'
import { parseStateForm } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { exitCodeOfJob, exitCodes } from './exit-codes.ts'
import { type Followed, followJob } from './follow-job.ts'
import { endingOf } from './job-ledger.ts'
import { JobReport, targetWords } from './job-report.ts'
import { LiveScreen, liveLines } from './live-view.ts'
import type { MasterClient, MasterStatus } from './master-client.ts'
import { openOutput } from './output-file.ts'
import { afterWords, rolloutLine } from './rollout-words.ts'
import type { TsaltOptions } from './tsalt-options.ts'

/** Nothing is drawn before this many milliseconds, so that quick commands do not flicker. */
const calm = 300
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
}

export function outputSettings(
  options: TsaltOptions,
  status: MasterStatus,
  console: Console,
  dryRun?: boolean,
): OutputSettings {
  const configured = status.stateOutput === undefined ? undefined : parseStateForm(status.stateOutput)
  const { form, byId } = options.stateOutput ?? configured ?? { form: 'short' as const, byId: false }
  return {
    out: options.out,
    stateForm: form,
    byId,
    stateVerbose: options.stateVerbose ?? status.stateVerbose ?? true,
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
  options: TsaltOptions,
  start: SessionStart,
  status: MasterStatus,
): Promise<number> {
  const { clock } = console
  const silence = options.timeout ?? status.timeout ?? fallbackSilence
  const output = openOutput(console, options.outFile)
  const screen = new LiveScreen(console)
  const above = (write: () => void): void => {
    screen.clear()
    write()
  }
  const report = new JobReport(start.fun, outputSettings(options, status, console, start.dryRun), {
    static: options.static,
    hideTimeout: options.hideTimeout,
    summary: options.summary,
    silence,
    out: (text) => above(() => output.write(text)),
    err: (text) => above(() => console.err(text)),
  })
  const view = new SessionView(console, screen, report, options, start)
  const followed = await followJob(client, start.jid, console, view, {
    silence: () => silence,
    accepted: !start.announce,
  })
  screen.clear()
  if (followed.reason === 'end') {
    report.finish(followed.ledger, clock.monotonic() - start.began, clock.now())
    output.close()
    return finishedCode(console, followed)
  }
  output.close()
  return leave(console, start.jid, followed)
}

class SessionView {
  private readonly live: boolean
  private announced = false
  /** As it was told last. */
  private told: RolloutAccount | undefined
  private job: JobAccount | undefined
  private readonly console: Console
  private readonly screen: LiveScreen
  private readonly report: JobReport
  private readonly options: TsaltOptions
  private readonly start: SessionStart

  constructor(
    console: Console,
    screen: LiveScreen,
    report: JobReport,
    options: TsaltOptions,
    start: SessionStart,
  ) {
    this.console = console
    this.screen = screen
    this.report = report
    this.options = options
    this.start = start
    this.live = console.outIsTerminal && console.errIsTerminal && console.env.TERM !== 'dumb'
  }

  opened(job: JobAccount): void {
    this.job = job
    if (this.announced) return
    this.announced = true
    if (this.start.defaulted || this.start.announce || this.options.verbose) {
      this.console.err(`${targetWords(job, this.start.defaulted, this.options.verbose)}\n`)
    }
  }

  returned(target: TargetAccount): void {
    this.report.returned(target)
  }

  rolled(rollout: RolloutAccount): void {
    const text = rolloutLine(rollout, this.told)
    this.told = rollout
    if (text === undefined) return
    this.screen.clear()
    this.console.err(`${text}\n`)
  }

  progressed(ledger: Followed['ledger']): void {
    if (!this.live || !this.job) return
    const now = this.console.clock.monotonic()
    if (now - this.start.began < calm) return
    const paint = paintOf(this.options.color && !this.console.env.NO_COLOR)
    const unicode = speaksUnicode(this.console.env)
    this.screen.draw(liveLines(ledger, this.start.began, now, { ...this.console.size(), unicode, paint }))
  }

  away(isAway: boolean): void {
    this.screen.clear()
    this.console.err(
      isAway
        ? 'The connection to the master broke; the job goes on. Connecting again…\n'
        : 'Connected to the master again.\n',
    )
  }
}

function finishedCode(console: Console, { ledger }: Followed): number {
  const endings = ledger.targets().map(({ account }) => endingOf(account))
  const state = ledger.rollout?.state
  const broken = state === 'stopped' || state === 'aborted'
  const code = broken ? exitCodes.failed : exitCodeOfJob(endings)
  if (broken) console.err(`ERROR: The rollout was ${state}${afterWords(ledger.rollout)}\n`)
  else if (code === exitCodes.failed) console.err('ERROR: Minions returned with non-zero exit code\n')
  if (code === exitCodes.noReturn) console.err('ERROR: No return received\n')
  return code
}

function leave(console: Console, jid: JobId, followed: Followed): number {
  const attach = `Attach again: tsalt jobs.attach ${jid}`
  if (followed.reason === 'gone') {
    console.err(
      `ERROR: The master did not come back within 30 seconds. The job goes on without it. ${attach}\n`,
    )
    return exitCodes.lost
  }
  console.err(`\nThe job goes on. ${attach} · kill it: tsalt jobs.kill ${jid}\n`)
  if (followed.signal === 'SIGTERM') return 143
  return followed.signal === 'SIGHUP' ? 129 : exitCodes.interrupted
}

/** What `-l debug` shows. */
export function debugLine(console: Console, options: { readonly logLevel: string }, text: string): void {
  if (['debug', 'trace', 'garbage', 'all', 'profile'].includes(options.logLevel)) {
    console.err(`[DEBUG   ] ${harmless(text)}\n`)
  }
}
