/** Returns that can be shown only when all are there, packed: thousands of highstates fit into little memory. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import type { HostReturn } from '../../shared/output/format.ts'
import type { TargetReturn } from '../api/schemas.ts'

/** Characters; less is not worth the work. */
const worthPacking = 500
/** The quickest: results of states repeat themselves so much that it takes nine tenths away. */
const level = 1

interface Kept {
  readonly id: string
  readonly retcode: number
  readonly format: HostReturn['format']
  /** What was returned, as JSON. */
  readonly packed: Buffer | string
}

export class KeptReturns {
  private readonly kept: Kept[] = []

  get size(): number {
    return this.kept.length
  }

  keep(id: string, { ret, retcode, format }: Pick<TargetReturn, 'ret' | 'retcode' | 'format'>): void {
    const text = JSON.stringify(ret)
    // Copied, as it lies in a far greater buffer.
    const packed = text.length < worthPacking ? text : Buffer.from(deflateRawSync(text, { level }))
    this.kept.push({ id, retcode, format, packed })
  }

  /** Whether one of them is in this format. */
  some(matches: (format: HostReturn['format']) => boolean): boolean {
    return this.kept.some(({ format }) => matches(format))
  }

  /** One after the other, so that never more than one is unpacked. @param order default: as they came */
  *hosts(order?: (a: string, b: string) => number): Generator<HostReturn, void, undefined> {
    const kept = order === undefined ? this.kept : [...this.kept].sort((a, b) => order(a.id, b.id))
    for (const { id, retcode, format, packed } of kept) {
      const text = typeof packed === 'string' ? packed : inflateRawSync(packed).toString('utf8')
      yield { id, retcode, format, ret: decodeValue(JSON.parse(text) as Json) }
    }
  }
}
