/** What Ctrl-C asks while a job is followed: leave it, end it, or go on watching. */
import type { JobId } from '../../shared/ids.ts'
import type { Console } from './console.ts'
import type { MasterClient } from './master-client.ts'
import { interruptKey } from './read-key.ts'

export class InterruptQuestion {
  private readonly client: MasterClient
  private readonly console: Console
  private readonly jid: JobId
  /** It was told to end already: the next time it can only be harder. */
  private told = false

  constructor(client: MasterClient, console: Console, jid: JobId) {
    this.client = client
    this.console = console
    this.jid = jid
  }

  /** @param over aborts when the job has ended meanwhile */
  async ask(over: AbortSignal): Promise<'leave' | 'stay'> {
    const { console } = this
    const end = this.told ? '[k]ill it at once' : '[c]ancel it'
    for (;;) {
      const key = await console.key(`\n[L]eave the job running, ${end}, or [w]atch on? `, over)
      console.err(key !== undefined && /^[a-z]$/i.test(key) ? `${key}\n` : '\n')
      if (over.aborted) return 'stay'
      switch (key?.toLowerCase()) {
        // Ctrl-C once more is no signal while keys are read.
        case interruptKey:
        case undefined:
        case '\n':
        case 'l':
          return 'leave'
        case 'w':
          return 'stay'
        case 'c':
        case 'k':
          await this.end()
          return 'stay'
        default:
          console.err('Please press one of the letters in brackets.')
      }
    }
  }

  private async end(): Promise<void> {
    try {
      const { told } = await this.client.kill(this.jid, this.told ? 'KILL' : 'TERM')
      this.told = true
      const count = told.length === 1 ? '1 minion' : `${told.length} minions`
      this.console.err(told.length === 0 ? 'No minion runs it any more.\n' : `Told ${count} to end it.\n`)
    } catch (error) {
      this.console.err(
        `It could not be cancelled: ${error instanceof Error ? error.message : String(error)}\n`,
      )
    }
  }
}
