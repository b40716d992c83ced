/** One connection on the enrolment path: the request goes out, a decision comes back now or later. */
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Clock } from '../../shared/clock.ts'
import { Channel } from '../../shared/protocol/channel.ts'
import type {
  CertificateRequest,
  EnrolmentDecision,
} from '../../shared/protocol/messages/certificate-request.ts'

const answerTime = 30_000

export class EnrolmentTalk {
  readonly #channel: Channel<'enrolling', 'master'>
  readonly #stop: () => void
  #decision: EnrolmentDecision | undefined
  #wake = (): void => {}

  constructor(socket: WebSocket, clock: Clock, logger: Logger, signal: AbortSignal) {
    const aborted = (): void => this.#channel.terminate('this minion is stopping')
    signal.addEventListener('abort', aborted)
    this.#stop = () => signal.removeEventListener('abort', aborted)
    this.#channel = new Channel<'enrolling', 'master'>({
      socket,
      me: 'enrolling',
      peer: 'master',
      clock,
      logger,
      // The repeated submission is the sign of life.
      pingInterval: 0,
      handlers: {
        'csr.decision': ({ body }) => {
          this.#decision = body
          this.#wake()
        },
        'job.deliver': 'refuse',
        'job.kill': 'refuse',
        drain: 'refuse',
      },
      onEnd: () => this.#wake(),
    })
  }

  /** @throws TsaltError `request-refused`, `request-timeout`, `connection-lost` */
  async submit(request: CertificateRequest): Promise<EnrolmentDecision> {
    return (await this.#channel.request('csr.submit', request, { timeout: answerTime })).body
  }

  /** A decision that came by itself. */
  takeDecision(): EnrolmentDecision | undefined {
    const decision = this.#decision
    this.#decision = undefined
    return decision
  }

  /** Until a decision comes, the connection ends, or so many milliseconds are over. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#decision !== undefined || !this.#channel.isOpen) {
        resolve()
        return
      }
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  close(): void {
    this.#stop()
    this.#channel.close('done')
  }
}
