/** Encodes a message once for many connections: `channel.sendEncoded(message)`. */
import { encodeEnvelope } from './envelope.ts'
import { type Encoded, pack } from './frame.ts'
import type { Body, Kind } from './registry.ts'

export interface EncodedMessage {
  readonly encoded: Encoded | Promise<Encoded>
  /** About how many bytes it has. */
  readonly size: number
}

/** @throws TsaltError `message-unsendable` */
export function encodeMessage<K extends Kind>(kind: K, body: Body<K>): EncodedMessage {
  const text = encodeEnvelope({ kind, body })
  return { encoded: pack(text, undefined), size: text.length }
}
