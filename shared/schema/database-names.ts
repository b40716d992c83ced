/** Names in databases. */
import { readText } from './scalars.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

const named = (longest: number) =>
  shaped<string>({
    words: 'name',
    json: { type: ['string', 'number'], minLength: 1 },
    read(value) {
      const read = readText(value)
      if (read === undefined) return new Mismatch(`a name is expected, not ${describeValue(value)}`)
      if (read === '') return new Mismatch('it is empty')
      if (read.includes('\0')) return new Mismatch('it has a NUL in it')
      const size = Buffer.byteLength(read)
      return size > longest ? new Mismatch(`it has ${size} bytes, ${longest} are the most`) : read
    },
  })

/** A longer one would be cut by the server, and be missing at the next run. */
export const postgresName = named(63)
export const mysqlName = named(256)
