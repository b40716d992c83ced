/** The requests that this side has sent and that wait for their answers. */
import { TsaltError } from '../errors/error.ts'
import { violation } from './envelope.ts'
import { type Kind, type Message, messages, type RequestKind } from './registry.ts'

interface Waiting {
  readonly kind: RequestKind
  readonly timer: NodeJS.Timeout
  resolve(answer: Message): void
  reject(error: TsaltError): void
}

export class OpenRequests {
  private readonly waiting = new Map<number, Waiting>()
  private last = 0

  get size(): number {
    return this.waiting.size
  }

  /** @param timeout milliseconds */
  open(kind: RequestKind, timeout: number): { readonly number: number; readonly answer: Promise<Message> } {
    const number = ++this.last
    const answer = new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.fail(number, new TsaltError('request-timeout', { kind, seconds: Math.round(timeout / 1000) })),
        timeout,
      )
      this.waiting.set(number, { kind, timer, resolve, reject })
    })
    return { number, answer }
  }

  /** @throws TsaltError `protocol-violation` for an answer to nothing that was ever asked, or of the wrong kind */
  settle(message: Message): void {
    const number = message.request ?? 0
    if (number > this.last) throw violation(`${message.kind} to a request that was never made`)
    const waiting = this.waiting.get(number)
    // Answered after its time was over: nobody waits any more.
    if (!waiting) return
    if (message.kind !== 'refusal' && message.kind !== messages[waiting.kind].answer)
      throw violation(`${message.kind} as the answer to ${waiting.kind}`)
    this.close(number)
    if (message.kind === 'refusal') {
      const { code, message: text } = (message as Message<'refusal'>).body
      waiting.reject(new TsaltError('request-refused', { kind: waiting.kind, code, message: text }))
    } else waiting.resolve(message)
  }

  fail(number: number, error: TsaltError): void {
    const waiting = this.waiting.get(number)
    this.close(number)
    waiting?.reject(error)
  }

  /** The connection is gone. */
  failAll(): void {
    for (const [number, { kind }] of [...this.waiting])
      this.fail(number, new TsaltError('connection-lost', { kind }))
  }

  private close(number: number): void {
    clearTimeout(this.waiting.get(number)?.timer)
    this.waiting.delete(number)
  }
}

const answers: ReadonlySet<string> = new Set(
  Object.values(messages).flatMap((row) => ('answer' in row ? [row.answer] : [])),
)

/** Whether a message settles a request, rather than being something to handle. */
export function isAnswer(message: { readonly kind: Kind; readonly request?: number }): boolean {
  return message.kind === 'refusal' || (message.request !== undefined && answers.has(message.kind))
}
