/** Frames of every kind, frozen. WHEN THIS FAILS: an old peer's frame does not parse any more; see versions.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, encodeEnvelope } from '../../../../shared/protocol/envelope.ts'
import { messages, type Sender } from '../../../../shared/protocol/registry.ts'

const folder = new URL('../../../golden/protocol/', import.meta.url)
/** v2: what version 2 has beside version 1. */
const files = ['v1', 'v2'].flatMap((version) =>
  readdirSync(new URL(`${version}/`, folder)).map((file) => `${version}/${file}`),
)
const kindOf = (file: string): string => file.replace(/^v\d\/|\.json$/g, '')

interface Golden {
  readonly from: Sender
  readonly frame: Readonly<Record<string, unknown>>
}

const read = (file: string): Golden => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

it('has a frame of every kind, and no other', () => {
  expect([...new Set(files.map(kindOf))].sort()).toEqual(Object.keys(messages).sort())
})

describe.each(files)('%s', (file) => {
  const { from, frame } = read(file)

  it('parses, and is encoded to the same text again', () => {
    const text = JSON.stringify(frame)
    const message = decodeEnvelope(text, from)
    expect(JSON.parse(encodeEnvelope(message))).toEqual(frame)
    expect(encodeEnvelope(message)).toBe(text)
  })

  it('is refused from everybody else', () => {
    for (const sender of ['enrolling', 'minion', 'master'] as const) {
      if ((messages[kindOf(file) as keyof typeof messages].from as readonly Sender[]).includes(sender))
        continue
      expect(() => decodeEnvelope(JSON.stringify(frame), sender)).toThrow(`from ${sender}`)
    }
  })

  it('is refused with an unknown field', () => {
    const body = { ...(frame.body as object), sender: 'web2' }
    expect(() => decodeEnvelope(JSON.stringify({ ...frame, body }), from)).toThrow('protocol')
    expect(() => decodeEnvelope(JSON.stringify({ ...frame, id: 'web2' }), from)).toThrow('unknown part')
  })
})
