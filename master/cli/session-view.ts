/** What a person sees of a job while it is followed: what was returned, and below it the live view on a terminal. */
import { paintOf } from '../../shared/output/paint.ts'
import type { JobAccount, TargetAccount } from '../api/schemas.ts'
import type { RolloutAccount } from '../rollouts/schemas.ts'
import { type Console, speaksUnicode } from './console.ts'
import type { FollowWatcher } from './follow-job.ts'
import type { JobLedger } from './job-ledger.ts'
import { type JobReport, targetWords } from './job-report.ts'
import type { SessionStart } from './job-session.ts'
import { LiveScreen } from './live-screen.ts'
import { liveLines } from './live-view.ts'
import type { ReportingOptions } from './reporting-options.ts'
import { rolloutLine } from './rollout-words.ts'

/** Nothing is drawn before this many milliseconds, so that quick commands do not flicker. */
const calm = 300
/** Characters. */
const mostWaiting = 1_000_000

export class SessionView implements FollowWatcher {
  /** Set before anything is followed. */
  report: JobReport | undefined
  private readonly live: boolean
  private readonly screen: LiveScreen
  private announced = false
  /** As it was told last. */
  private told: RolloutAccount | undefined
  private job: JobAccount | undefined
  /** Printed with the next frame: hundreds of returns in a moment are one write. */
  private pending = ''
  /** A question stands on the terminal: nothing is written over it. */
  private isPaused = false
  /** Resolves when the question is answered. */
  private pause: Promise<void> = Promise.resolve()
  /** Nothing is drawn any more. */
  private ended = false
  private readonly console: Console
  private readonly options: ReportingOptions
  private readonly start: SessionStart

  constructor(console: Console, options: ReportingOptions, start: SessionStart) {
    this.console = console
    this.options = options
    this.start = start
    this.screen = new LiveScreen(console)
    const wanted = console.outIsTerminal || options.progress || options.out === 'progress'
    this.live = wanted && console.errIsTerminal && console.env.TERM !== 'dumb'
  }

  opened(job: JobAccount): void {
    this.job = job
    if (this.announced) return
    this.announced = true
    if (this.start.defaulted || this.start.announce || this.options.verbose)
      this.say(`${targetWords(job, this.start.defaulted, this.options.verbose)}\n`)
  }

  returned(target: TargetAccount): void {
    this.report?.returned(target)
  }

  rolled(rollout: RolloutAccount): void {
    const text = rolloutLine(rollout, this.told)
    this.told = rollout
    if (text !== undefined) this.say(`${text}\n`)
  }

  progressed(ledger: JobLedger): void {
    if (!this.live || this.isPaused) return
    const now = this.console.clock.monotonic()
    if (!this.job || now - this.start.began < calm) {
      this.flush()
      return
    }
    const { options, console } = this
    const paint = paintOf(options.color && !console.env.NO_COLOR)
    const unicode = speaksUnicode(console.env)
    const lines = liveLines(ledger, this.start.began, now, { ...console.size(), unicode, paint })
    this.screen.draw(lines, this.pending)
    this.pending = ''
  }

  away(isAway: boolean): void {
    this.say(
      isAway
        ? 'The connection to the master broke; the job goes on. Connecting again…\n'
        : 'Connected to the master again.\n',
    )
  }

  /** What waits behind a question, or for the reader of standard output, is bounded: no more is taken meanwhile. */
  ready(): Promise<void> | undefined {
    if (this.isPaused && this.pending.length > mostWaiting) return this.pause
    return this.console.outDrained()
  }

  /** What was returned, for standard output. */
  print(text: string): void {
    this.pending += text
    if ((!this.live || this.ended) && !this.isPaused) this.flush()
  }

  /** For standard error, after all that was printed before it. */
  say(text: string): void {
    this.flush()
    this.console.err(text)
  }

  /** Lets `ask` have the terminal; what comes meanwhile is shown after it. */
  async paused<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.flush()
    this.isPaused = true
    let goOn = (): void => undefined
    this.pause = new Promise((done) => {
      goOn = done
    })
    try {
      return await ask()
    } finally {
      this.isPaused = false
      goOn()
    }
  }

  /** All that was printed is on the terminal, and the live view is not. */
  end(): void {
    this.isPaused = false
    this.ended = true
    this.flush()
  }

  private flush(): void {
    if (this.isPaused) return
    this.screen.clear()
    if (this.pending !== '') this.console.out(this.pending)
    this.pending = ''
  }
}
