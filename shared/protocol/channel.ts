/**
 * The messages of one connection, over a WebSocket, for both sides. Who the peer is was settled by its certificate
 * before; what it may send is the registry's table; anything else closes the socket and is reported.
 */
import type { WebSocket } from 'ws'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { ChannelEnd, ChannelOptions } from './channel-options.ts'
import type { EncodedMessage } from './encode-message.ts'
import { encodeEnvelope, violation } from './envelope.ts'
import { pack } from './frame.ts'
import type { Peer, RequestMessage } from './handlers.ts'
import { Heartbeat } from './heartbeat.ts'
import { Incoming } from './incoming.ts'
import { isAnswer, OpenRequests } from './open-requests.ts'
import { Outgoing } from './outgoing.ts'
import { ReadingPauses } from './reading-pauses.ts'
import {
  type AnswerKind,
  type Body,
  type KindFrom,
  type Message,
  messages,
  type RequestKind,
  type Sender,
} from './registry.ts'
import { Throttle } from './throttle.ts'
import { maxFrameBeforeAuthentication, maxMessage } from './versions.ts'

const policyViolation = 1008
const goingAway = 1001
/** How long a peer may take to answer the closing handshake. */
const closingTime = 2_000
const defaultTimeout = 120_000

export class Channel<Me extends Sender, P extends Peer<Me> = Peer<Me>> {
  private readonly options: ChannelOptions<Me, P>
  private readonly socket: WebSocket
  private readonly outgoing: Outgoing
  private readonly incoming: Incoming
  private readonly requests = new OpenRequests()
  private readonly heartbeat: Heartbeat | undefined
  /** Numbers of the peer's requests that this side has not answered. */
  private readonly unanswered = new Set<number>()
  private readonly throttle: Throttle | undefined
  private readonly pauses: ReadingPauses
  private end: ChannelEnd | undefined
  private ended = false

  constructor(options: ChannelOptions<Me, P>) {
    this.options = options
    this.socket = options.socket
    this.pauses = new ReadingPauses(options.socket)
    this.outgoing = new Outgoing(options.socket, () => this.moved())
    this.incoming = new Incoming({
      from: options.peer,
      textOnly: this.beforeAuthentication,
      deliver: (message) => this.handle(message),
      failed: (error) => this.violated(error),
      busy: (isBusy) => this.pauses.set('unpacking', isBusy),
      expanded: (bytes) => this.throttle?.took(bytes),
      isReading: () => this.pauses.isReading,
      stallTime: options.stallTime,
    })
    if (options.throttle !== undefined)
      this.throttle = new Throttle(options.throttle, options.clock, options.slowed, (wanted) =>
        this.pauses.set('throttle', wanted),
      )
    options.socket.on('message', (data, isBinary) => {
      this.heartbeat?.alive()
      if (this.end !== undefined) return
      this.throttle?.took((data as Buffer).length)
      this.incoming.accept(data, isBinary)
    })
    for (const control of ['ping', 'pong'] as const)
      options.socket.on(control, (data) => this.throttle?.took(data.length))
    options.socket.on('error', (error) => this.failed(error))
    options.socket.on('close', (code, reason) => this.closed(code, reason.toString('utf8')))
    if (options.pingInterval > 0 && options.me !== 'enrolling') this.heartbeat = this.startHeartbeat()
  }

  get isOpen(): boolean {
    return this.end === undefined && this.socket.readyState === this.socket.OPEN
  }

  /** Bytes that wait to be written. */
  get buffered(): number {
    return this.outgoing.buffered
  }

  /** Resolves when nothing waits to be written any more, or the socket is gone. */
  drained(): Promise<void> {
    return this.outgoing.drained()
  }

  /**
   * Queues a message without waiting; lost if the connection goes. Small messages overtake large ones.
   * @throws TsaltError `message-unsendable`
   */
  send<K extends KindFrom<Me>>(kind: K, body: Body<K>, options: { attachment?: Uint8Array } = {}): void {
    this.write(encodeEnvelope({ kind, body }), options.attachment)
  }

  /** Queues what `encodeMessage` made, which many channels may share. */
  sendEncoded({ encoded, size }: EncodedMessage): void {
    if (!this.isOpen) return
    this.outgoing.add(encoded, size)
    this.watchBacklog()
  }

  /**
   * Sends a request and waits for its answer.
   * @param options.timeout milliseconds, 120,000 by default
   * @throws TsaltError `request-refused` (parameters code and message are the other side's), `request-timeout`,
   * `connection-lost`, `message-unsendable`
   */
  async request<K extends KindFrom<Me> & RequestKind>(
    kind: K,
    body: Body<K>,
    options: { readonly timeout?: number; readonly attachment?: Uint8Array } = {},
  ): Promise<Message<AnswerKind<K>>> {
    if (!this.isOpen) throw new TsaltError('connection-lost', { kind })
    const { number, answer } = this.requests.open(kind, options.timeout ?? defaultTimeout)
    try {
      this.write(encodeEnvelope({ kind, body, request: number }), options.attachment)
    } catch (error) {
      if (isTsaltError(error)) this.requests.fail(number, error)
      else throw error
    }
    // settle() has compared the kinds.
    return (await answer) as Message<AnswerKind<K>>
  }

  /** @throws TsaltError `message-unsendable`; nothing where the request was answered already or the peer is gone */
  answer<K extends RequestKind>(
    request: RequestMessage<K>,
    kind: AnswerKind<K>,
    body: Body<AnswerKind<K>>,
    attachment?: Uint8Array,
  ): void {
    if (!this.unanswered.has(request.request)) return
    const text = encodeEnvelope({ kind, body, request: request.request })
    this.unanswered.delete(request.request)
    this.write(text, attachment)
  }

  /** Answers with a refusal: code and message of a TsaltError; anything else is logged and stays here. */
  refuse(request: RequestMessage<RequestKind>, error: unknown): void {
    if (!this.unanswered.delete(request.request)) return
    const known = isTsaltError(error)
    if (!known) this.options.logger.error({ err: error, kind: request.kind }, 'A request failed')
    const code = known ? error.code : 'internal'
    const message = known ? error.message.slice(0, 16_000) : 'internal error; the log of the master has it'
    this.write(
      encodeEnvelope({ kind: 'refusal', body: { code, message }, request: request.request }),
      undefined,
    )
  }

  /** Stops reading: the peer's frames stay in its buffers, and its silence is not held against it. */
  pause(): void {
    this.pauses.set('owner', true)
  }

  resume(): void {
    this.pauses.set('owner', false)
  }

  /** Ends the connection properly (await `drained` first to get large messages out); destroyed two seconds later. */
  close(reason: string, code: number = goingAway): void {
    this.finish({ code, reason })
  }

  /** Ends the connection at once. */
  terminate(reason: string): void {
    this.end ??= { code: 1006, reason }
    this.socket.terminate()
  }

  private get beforeAuthentication(): boolean {
    return this.options.peer === 'enrolling' || this.options.me === 'enrolling'
  }

  private write(text: string, attachment: Uint8Array | undefined): void {
    if (this.beforeAuthentication) {
      if (attachment !== undefined || Buffer.byteLength(text) > maxFrameBeforeAuthentication)
        throw new TsaltError('message-unsendable', { kind: 'enrolment', reason: 'it is too large' })
      this.sendEncoded({ encoded: { text }, size: text.length })
      return
    }
    const size = text.length + (attachment?.length ?? 0)
    // Its bytes in UTF-8 are up to three times as many; whole megabytes of that are past the limit all the same.
    if (size > maxMessage)
      throw new TsaltError('message-unsendable', { kind: 'large', reason: `it has ${size} bytes` })
    this.sendEncoded({ encoded: pack(text, attachment), size })
  }

  /** The socket took something. */
  private moved(): void {
    // While we do not read, that the peer reads is the only sign of its life.
    if (this.pauses.has('backlog')) this.heartbeat?.alive()
    this.watchBacklog()
  }

  private watchBacklog(): void {
    const limit = this.options.pauseAbove
    if (limit === undefined || this.ended) return
    if (this.buffered > limit) this.pauses.set('backlog', true)
    else if (this.buffered <= limit / 2) this.pauses.set('backlog', false)
  }

  private startHeartbeat(): Heartbeat {
    return new Heartbeat(this.options.pingInterval, this.options.clock, {
      ping: (number) => {
        // An enrolling peer is only listened to: it has no ping to answer with.
        if (this.options.peer === 'enrolling' || !this.isOpen) return
        this.write(encodeEnvelope({ kind: 'ping', body: { number } }), undefined)
      },
      dead: () => this.terminate('no sign of life'),
      listening: () => this.pauses.listens,
    })
  }

  private handle(message: Message): void {
    if (this.end !== undefined) return
    if (message.kind === 'ping') this.pong((message as Message<'ping'>).body.number)
    else if (isAnswer(message)) this.requests.settle(message)
    else if (message.kind !== 'pong') this.dispatch(message)
  }

  private pong(number: number): void {
    this.write(encodeEnvelope({ kind: 'pong', body: { number } }), undefined)
  }

  private dispatch(message: Message): void {
    // The registry's table has just said that this peer may send it, so its handler is in the table of handlers.
    const handlers = this.options.handlers as Readonly<Record<string, Handler | 'refuse' | undefined>>
    const handler = handlers[message.kind]
    if (handler === undefined || handler === 'refuse') throw violation(`${message.kind} at the wrong time`)
    this.throttle?.handles(message.kind)
    const isRequest = 'answer' in messages[message.kind]
    if (isRequest && !this.admit(message as RequestMessage<RequestKind>)) return
    const failed = (error: unknown): void => {
      if (isRequest) this.refuse(message as RequestMessage<RequestKind>, error)
      else this.options.logger.error({ err: error, kind: message.kind }, 'A message could not be handled')
    }
    try {
      const done = handler(message)
      if (done instanceof Promise) done.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  private admit(request: RequestMessage<RequestKind>): boolean {
    if (this.unanswered.has(request.request)) throw violation(`the request number of ${request.kind} twice`)
    this.unanswered.add(request.request)
    if (this.unanswered.size <= (this.options.maxOpen ?? 256)) return true
    this.refuse(request, new TsaltError('too-many-requests', {}))
    return false
  }

  private violated(error: unknown): void {
    const isViolation = isTsaltError(error) && error.code === 'protocol-violation'
    if (!isViolation) this.options.logger.error({ err: error }, 'A frame could not be handled')
    const reason = isViolation ? String(error.parameters.reason) : 'internal error'
    this.finish({ code: policyViolation, reason, ...(isViolation ? { violation: reason } : {}) })
  }

  private failed(error: Error): void {
    // ws names its protocol errors so: a frame too large, text that is not UTF-8, a bad opcode.
    const isViolation = 'code' in error && String(error.code).startsWith('WS_ERR_')
    const reason = error.message
    this.end ??= { code: 1006, reason, ...(isViolation ? { violation: reason } : {}) }
  }

  private finish(end: ChannelEnd): void {
    if (this.end !== undefined) return
    this.end = end
    this.incoming.stop()
    this.heartbeat?.stop()
    // A close reason has at most 123 bytes.
    this.socket.close(end.code, end.reason.replace(/[^ -~]/g, '?').slice(0, 120))
    setTimeout(() => this.socket.terminate(), closingTime).unref()
  }

  private closed(code: number, reason: string): void {
    if (this.ended) return
    this.ended = true
    this.end ??= { code, reason }
    this.incoming.stop()
    this.heartbeat?.stop()
    this.throttle?.stop()
    this.outgoing.close()
    this.requests.failAll()
    this.unanswered.clear()
    this.options.onEnd(this.end)
  }
}

type Handler = (message: Message) => void | Promise<void>
