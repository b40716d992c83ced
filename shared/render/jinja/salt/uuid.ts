/** The filter uuid: a name-based UUID in Salt's own namespace, so that it is the same as under Salt. */
import { createHash } from 'node:crypto'
import { defineFilter, type FilterFunction, PyError } from '../values.ts'
import { bytesArgument } from './arguments.ts'
import { textOrBytes } from './hashes.ts'

const namespace = Buffer.from('91633ebf1c865e33935a28061f4b480e', 'hex')

export const uuidFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('uuid', ['val'], (_context, value) => nameUuid(asText(bytesArgument(value)))),
]

/** @throws PyError ValueError where the bytes are no text */
function asText(bytes: Uint8Array): Uint8Array {
  if (typeof textOrBytes(bytes) === 'string') return bytes
  throw new PyError('ValueError', 'uuid: these bytes are no UTF-8 text')
}

/** Version 5 of RFC 4122. */
function nameUuid(name: Uint8Array): string {
  const digest = createHash('sha1').update(namespace).update(name).digest()
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6)
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8)
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
