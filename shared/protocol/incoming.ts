/** From the frames of a socket to checked messages of a peer whose role is known. */
import type { RawData } from 'ws'
import { Assembly } from './assembly.ts'
import { decodeEnvelope, violation } from './envelope.ts'
import type { Unpacked } from './frame.ts'
import type { Message, Sender } from './registry.ts'
import { maxFrameBeforeAuthentication, maxMessage } from './versions.ts'

/** Milliseconds between two parts of a message, and from its first to its last. */
const usualStall = 60_000
const longestAssembly = 30 * 60_000

export class Incoming {
  private readonly from: Sender
  /** Before authentication there is nothing but short text. */
  private readonly textOnly: boolean
  private readonly assembly = new Assembly(maxMessage)
  private readonly deliver: (message: Message) => void
  private readonly failed: (error: unknown) => void
  private stopped = false
  private readonly isReading: () => boolean
  private readonly expanded: (bytes: number) => void
  private readonly stallTime: number
  private stall: NodeJS.Timeout | undefined
  /** When the first part of what is being put together came, monotonic. */
  private openSince: number | undefined
  private readonly busy: (isBusy: boolean) => void
  /** Frames that came while a large message is expanded elsewhere; undefined: none is. */
  private waiting: { readonly data: RawData; readonly isBinary: boolean }[] | undefined

  constructor(options: {
    readonly from: Sender
    readonly textOnly: boolean
    deliver(message: Message): void
    /** A TsaltError `protocol-violation`, or a fault of our own. */
    failed(error: unknown): void
    /** True: nothing more should be read for the moment. */
    busy?(isBusy: boolean): void
    /** A message was expanded to so many bytes. */
    expanded?(bytes: number): void
    /** False while it is we who do not read. */
    isReading?(): boolean
    /** Milliseconds that a message may wait for its next part. */
    readonly stallTime?: number | undefined
  }) {
    this.from = options.from
    this.textOnly = options.textOnly
    this.deliver = options.deliver
    this.failed = options.failed
    this.busy = options.busy ?? (() => {})
    this.isReading = options.isReading ?? (() => true)
    this.expanded = options.expanded ?? (() => {})
    this.stallTime = options.stallTime ?? usualStall
  }

  /**
   * One message after another, also where expanding one takes a while: else a peer could have a thousand small
   * frames expanded to a thousand large messages at once.
   */
  accept(data: RawData, isBinary: boolean): void {
    if (this.stopped) return
    if (this.waiting !== undefined) {
      this.waiting.push({ data, isBinary })
      return
    }
    try {
      const frame = toBuffer(data)
      if (this.textOnly && (isBinary || frame.length > maxFrameBeforeAuthentication))
        throw violation('a binary or too large frame before authentication')
      const whole = isBinary
        ? this.assembly.add(frame)
        : { text: frame.toString('utf8'), attachment: undefined }
      // Pings between the parts are no part.
      if (isBinary) this.watchStall()
      if (whole instanceof Promise) this.wait(whole)
      else if (whole !== undefined) this.decode(whole)
    } catch (error) {
      this.failed(error)
    }
  }

  /** Nothing more is delivered, nor expanded. */
  stop(): void {
    this.stopped = true
    this.waiting = undefined
    clearTimeout(this.stall)
  }

  /** What is half there takes memory: its rest has to come. */
  private watchStall(): void {
    clearTimeout(this.stall)
    if (!this.assembly.isOpen) {
      this.openSince = undefined
      return
    }
    this.openSince ??= performance.now()
    if (performance.now() - this.openSince > longestAssembly) throw violation('a message that takes too long')
    this.stall = setTimeout(() => {
      if (this.stopped) return
      if (this.isReading()) this.failed(violation('a message that stalled in its middle'))
      else this.watchStall()
    }, this.stallTime)
    this.stall.unref()
  }

  private wait(whole: Promise<Unpacked>): void {
    this.waiting = []
    this.busy(true)
    whole
      .then((unpacked) => {
        this.expanded(unpacked.text.length)
        if (!this.stopped) this.decode(unpacked)
      })
      .catch(this.failed)
      .finally(() => {
        const frames = this.waiting ?? []
        this.waiting = undefined
        for (const { data, isBinary } of frames) this.accept(data, isBinary)
        if (this.waiting === undefined) this.busy(false)
      })
  }

  private decode({ text, attachment }: Unpacked): void {
    const message = decodeEnvelope(text, this.from)
    this.deliver(attachment === undefined ? message : { ...message, attachment })
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
