/**
 * How messages lie on the wire. Small ones are text frames. Large ones, and those with an attachment, are binary:
 * the JSON and the attachment one after another, compressed where it helps, cut into parts. The first part begins
 * with a head of 14 bytes, further ones with one byte; the parts of two messages are never mixed.
 */
import { promisify } from 'node:util'
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
} from 'node:zlib'
import { violation } from './envelope.ts'

/** Longer JSON is compressed and travels as a binary message. */
export const largestText = 4096
/** Of payload in one frame. Small enough that other messages get between. */
export const partSize = 256 * 1024
/** From here on, (de)compression happens in the thread pool and not in the event loop. */
const large = 1024 * 1024

const firstMark = 0xb1
const furtherMark = 0xb2
export const headSize = 14

export interface Head {
  readonly compressed: boolean
  /** Bytes of payload in all parts. */
  readonly wire: number
  /** Bytes of JSON and attachment together. */
  readonly raw: number
  /** Bytes of JSON. */
  readonly json: number
}

/** A message ready to be sent, to one or to many. */
export type Encoded = { readonly text: string } | { readonly head: Head; readonly payload: Uint8Array }

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)

/** Answers at once where it can: only large messages go through the thread pool. */
export function pack(text: string, attachment: Uint8Array | undefined): Encoded | Promise<Encoded> {
  if (attachment === undefined && text.length <= largestText) return { text }
  const json = Buffer.from(text, 'utf8')
  const raw = attachment === undefined ? json : Buffer.concat([json, attachment])
  const finish = (smaller: Uint8Array | undefined): Encoded => {
    // Not worth the other side's work where it saves less than a tenth.
    const compressed = smaller !== undefined && smaller.length < raw.length * 0.9
    const payload = compressed ? smaller : raw
    return { head: { compressed, wire: payload.length, raw: raw.length, json: json.length }, payload }
  }
  if (raw.length < 256) return finish(undefined)
  // Quality 1: of what was measured (docs/decisions/0011) the smallest at the same time.
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 1,
    [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
  }
  if (raw.length < large) return finish(brotliCompressSync(raw, { params }))
  return compress(raw, { params }).then(finish)
}

/** The JSON text and the attachment of a whole payload. @throws TsaltError `protocol-violation` */
export function unpack(head: Head, payload: Buffer): Unpacked | Promise<Unpacked> {
  if (!head.compressed) return split(head, payload)
  // Bounded: a bomb ends as an error at the size that it claimed.
  const options = { maxOutputLength: Math.max(head.raw, 1) }
  const failed = (): never => {
    throw violation('a compressed message that does not expand to what its head says')
  }
  if (head.raw >= large) return decompress(payload, options).then((raw) => split(head, raw), failed)
  let raw: Buffer
  try {
    raw = brotliDecompressSync(payload, options)
  } catch {
    return failed()
  }
  return split(head, raw)
}

export interface Unpacked {
  readonly text: string
  readonly attachment: Uint8Array | undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function split(head: Head, raw: Buffer): Unpacked {
  if (raw.length !== head.raw) throw violation('a message that is not as long as its head says')
  let text: string
  try {
    text = utf8.decode(raw.subarray(0, head.json))
  } catch {
    throw violation('a message that is not UTF-8')
  }
  return { text, attachment: head.json === head.raw ? undefined : raw.subarray(head.json) }
}

/** The frames of a binary message, each made when it is asked for. */
export function* partsOf({ head, payload }: { head: Head; payload: Uint8Array }): Generator<Buffer> {
  for (let offset = 0; offset === 0 || offset < payload.length; offset += partSize) {
    const mark = offset === 0 ? writeHead(head) : Buffer.of(furtherMark)
    yield Buffer.concat([mark, payload.subarray(offset, offset + partSize)])
  }
}

function writeHead(head: Head): Buffer {
  const bytes = Buffer.alloc(headSize)
  bytes[0] = firstMark
  bytes[1] = head.compressed ? 1 : 0
  bytes.writeUInt32BE(head.wire, 2)
  bytes.writeUInt32BE(head.raw, 6)
  bytes.writeUInt32BE(head.json, 10)
  return bytes
}

/** A frame's head, where it is a first one, and its share of the payload. @throws TsaltError `protocol-violation` */
export function readPart(frame: Buffer, maxMessage: number): { head: Head | undefined; payload: Buffer } {
  if (frame[0] === furtherMark) return { head: undefined, payload: frame.subarray(1) }
  if (frame[0] !== firstMark || frame.length < headSize || (frame[1] ?? 2) > 1)
    throw violation('a binary frame without a head')
  const head: Head = {
    compressed: frame[1] === 1,
    wire: frame.readUInt32BE(2),
    raw: frame.readUInt32BE(6),
    json: frame.readUInt32BE(10),
  }
  if (head.wire > maxMessage || head.raw > maxMessage)
    throw violation(`a message of more than ${maxMessage} bytes`)
  if (head.json > head.raw || head.wire === 0 || (!head.compressed && head.wire !== head.raw))
    throw violation('a head that contradicts itself')
  return { head, payload: frame.subarray(headSize) }
}
