/** From the frames of a socket to checked messages of a peer whose role is known. */
import type { RawData } from 'ws'
import { Assembly } from './assembly.ts'
import { decodeEnvelope, violation } from './envelope.ts'
import type { Unpacked } from './frame.ts'
import type { Message, Sender } from './registry.ts'
import { maxFrameBeforeAuthentication, maxMessage } from './versions.ts'

export class Incoming {
  private readonly from: Sender
  /** Before authentication there is nothing but short text. */
  private readonly textOnly: boolean
  private readonly assembly = new Assembly(maxMessage)
  private readonly deliver: (message: Message) => void
  private readonly failed: (error: unknown) => void

  constructor(options: {
    readonly from: Sender
    readonly textOnly: boolean
    deliver(message: Message): void
    /** A TsaltError `protocol-violation`, or a fault of our own. */
    failed(error: unknown): void
  }) {
    this.from = options.from
    this.textOnly = options.textOnly
    this.deliver = options.deliver
    this.failed = options.failed
  }

  accept(data: RawData, isBinary: boolean): void {
    try {
      const frame = toBuffer(data)
      if (this.textOnly && (isBinary || frame.length > maxFrameBeforeAuthentication))
        throw violation('a binary or too large frame before authentication')
      const whole = isBinary
        ? this.assembly.add(frame)
        : { text: frame.toString('utf8'), attachment: undefined }
      if (whole instanceof Promise) whole.then((unpacked) => this.decode(unpacked)).catch(this.failed)
      else if (whole !== undefined) this.decode(whole)
    } catch (error) {
      this.failed(error)
    }
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
