/** Puts the parts of a binary message together, never more than its head promised and the limit allows. */
import { violation } from './envelope.ts'
import { type Head, readPart, type Unpacked, unpack } from './frame.ts'

export class Assembly {
  private readonly maxMessage: number
  private open: { readonly head: Head; readonly parts: Buffer[]; have: number } | undefined

  constructor(maxMessage: number) {
    this.maxMessage = maxMessage
  }

  /** Part of a message is there, and its rest is not. */
  get isOpen(): boolean {
    return this.open !== undefined
  }

  /** @returns the message, with its last part @throws TsaltError `protocol-violation` */
  add(frame: Buffer): Unpacked | Promise<Unpacked> | undefined {
    const { head, payload } = readPart(frame, this.maxMessage)
    if (head !== undefined) {
      if (this.open) throw violation('a new binary message before the end of the last')
      this.open = { head, parts: [], have: 0 }
    }
    const open = this.open
    if (!open) throw violation('a further part of no message')
    // An empty part would let a peer send frames without end.
    if (payload.length === 0) throw violation('an empty part')
    open.have += payload.length
    if (open.have > open.head.wire) throw violation('parts that are longer than the head says')
    open.parts.push(payload)
    if (open.have < open.head.wire) return undefined
    this.open = undefined
    const [first] = open.parts
    return unpack(open.head, first && open.parts.length === 1 ? first : Buffer.concat(open.parts))
  }
}
