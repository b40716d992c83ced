import { brotliCompressSync, constants } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Assembly } from '../../../../shared/protocol/assembly.ts'
import { type Head, headSize, pack, partSize, partsOf } from '../../../../shared/protocol/frame.ts'

const limit = 4 * 1024 * 1024

async function there(text: string, attachment: Uint8Array | undefined) {
  const encoded = await pack(text, attachment)
  if ('text' in encoded) return { frames: 0, ...encoded, attachment: undefined }
  const assembly = new Assembly(limit)
  const frames = [...partsOf(encoded)]
  let whole: unknown
  for (const frame of frames) {
    expect(whole).toBeUndefined()
    whole = await assembly.add(frame)
  }
  return { frames: frames.length, ...(whole as { text: string; attachment: Uint8Array | undefined }) }
}

describe('a message', () => {
  it('comes back as it was, of any size', async () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('x'.repeat(5000)))
    const sizes = fc.option(fc.constantFrom(0, 1, 300, partSize, partSize + 1, 1_200_000), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(texts, sizes, fc.boolean(), async (text, size, noisy) => {
        fc.pre(text !== '' && !/[\ud800-\udfff]/u.test(text))
        const attachment = size === undefined ? undefined : bytes(size, noisy)
        const got = await there(text, attachment)
        expect(got.text).toBe(text)
        const same = Buffer.from(got.attachment ?? []).equals(Buffer.from(attachment ?? []))
        expect(same).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('is text where it is short, compressed where that helps, cut where it is long', async () => {
    expect((await there('{"a":1}', undefined)).frames).toBe(0)
    expect((await there(`"${'a'.repeat(400_000)}"`, undefined)).frames).toBe(1)
    expect((await there('{}', bytes(600_000, true))).frames).toBe(3)
  })
})

/** Noise does not compress. */
function bytes(size: number, noisy: boolean): Buffer {
  const buffer = Buffer.alloc(size, 7)
  let state = 12345
  if (noisy)
    for (let index = 0; index < size; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      buffer[index] = state >>> 24
    }
  return buffer
}

function frame(head: Partial<Head> & { payload: Buffer }): Buffer {
  const bytes = Buffer.alloc(headSize)
  bytes[0] = 0xb1
  bytes[1] = head.compressed ? 1 : 0
  bytes.writeUInt32BE(head.wire ?? head.payload.length, 2)
  bytes.writeUInt32BE(head.raw ?? head.payload.length, 6)
  bytes.writeUInt32BE(head.json ?? 0, 10)
  return Buffer.concat([bytes, head.payload])
}

describe('refuses', () => {
  const add = async (...frames: Buffer[]): Promise<unknown> => {
    const assembly = new Assembly(limit)
    let last: unknown
    for (const one of frames) last = await assembly.add(one)
    return last
  }
  const some = Buffer.from('{"a":1}')
  const bomb = brotliCompressSync(Buffer.alloc(50_000_000), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
  })

  it.each<[string, Buffer[]]>([
    ['a bomb that lies about its size', [frame({ compressed: true, raw: 1000, payload: bomb })]],
    ['a bomb that lies less', [frame({ compressed: true, raw: limit, payload: bomb })]],
    ['a bomb that says what it is', [frame({ compressed: true, raw: 50_000_000, payload: bomb })]],
    ['less than it claims', [frame({ compressed: true, raw: 900, payload: brotliCompressSync(some) })]],
    ['what is not compressed as it claims', [frame({ compressed: true, raw: 900, payload: some })]],
    ['an unknown mark', [Buffer.from([0, 1, 2])]],
    ['an empty frame', [Buffer.alloc(0)]],
    ['half a head', [frame({ payload: some }).subarray(0, 10)]],
    ['a further part of nothing', [Buffer.from([0xb2, 1])]],
    ['an empty further part', [frame({ wire: 20, raw: 20, payload: some }), Buffer.from([0xb2])]],
    ['no payload at all', [frame({ payload: Buffer.alloc(0) })]],
    ['more than it claims', [frame({ wire: 3, raw: 3, payload: some })]],
    ['a new message inside another', [frame({ wire: 20, raw: 20, payload: some }), frame({ payload: some })]],
    ['more JSON than there is', [frame({ json: 8, payload: some })]],
    ['sizes that differ without compression', [frame({ raw: 8, payload: some })]],
    ['a wire size above the limit', [frame({ wire: limit + 1, raw: limit + 1, payload: some })]],
    ['JSON that is not UTF-8', [frame({ json: 2, payload: Buffer.from([0xff, 0xff]) })]],
  ])('%s', async (_what, frames) => {
    await expect(add(...frames)).rejects.toMatchObject({ code: 'protocol-violation' })
  })

  it('or accepts, but never breaks, on any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(0xb1, 0xb2, 0),
        async (noise, mark) => {
          try {
            await add(Buffer.from([mark, ...noise]))
          } catch (error) {
            expect(error).toMatchObject({ code: 'protocol-violation' })
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
