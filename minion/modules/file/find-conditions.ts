/** What file.find says of sizes, times and contents, in Salt's words. */
import type { FileInfo, Reader } from '../../system/reader.ts'

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
}

/** `+10m` that much at least, `-1k` that much at most, `5k` so many whole units; undefined: it cannot be read. */
export function sizeCondition(text: string): ((info: FileInfo) => boolean) | undefined {
  const match = /^([+-]?)(\d+)([bkmgt]?)$/i.exec(text.trim())
  if (!match) return undefined
  const [, sign, number, letter = ''] = match
  const unit = units[letter.toLowerCase()] ?? 1
  const bytes = Number(number) * unit
  if (sign === '+') return ({ size }) => size >= bytes
  if (sign === '-') return ({ size }) => size <= bytes
  return ({ size }) => size >= bytes && size < bytes + unit
}

const spans: readonly (readonly [letter: string, seconds: number])[] = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
]

/**
 * `3d` or `-3d`: changed within three days; `+1w2d`: before. The smallest unit named counts.
 * @param now milliseconds
 * @returns undefined: it cannot be read
 */
export function ageCondition(text: string, now: number): ((info: FileInfo) => boolean) | undefined {
  const match =
    /^([+-]?) ?(?:(\d+(?:\.\d*)?)w)? ?(?:(\d+(?:\.\d*)?)d)? ?(?:(\d+(?:\.\d*)?)h)? ?(?:(\d+(?:\.\d*)?)m)? ?(?:(\d+(?:\.\d*)?)s)?$/i.exec(
      text.trim(),
    )
  const named = spans.flatMap(([, seconds], index) => {
    const number = match?.[index + 2]
    return number === undefined ? [] : [{ number: Number(number), seconds }]
  })
  const smallest = named.at(-1)?.seconds
  if (smallest === undefined) return undefined
  const total = named.reduce((sum, { number, seconds }) => sum + number * seconds, 0)
  const since = now - Math.trunc(total / smallest) * smallest * 1_000
  return match?.[1] === '+' ? ({ modified }) => modified < since : ({ modified }) => modified >= since
}

const chunk = 4 * 1024 * 1024

/** Whether a line fits; in pieces, so that a large file costs no memory. What cannot be read does not. */
export async function hasLine(path: string, fits: (line: string) => boolean, look: Reader): Promise<boolean> {
  let rest: Uint8Array = new Uint8Array()
  for (let offset = 0; ; ) {
    const part = await look.files.readPart(path, offset, chunk).catch(() => undefined)
    if (part === undefined) return false
    offset += part.length
    const all = Buffer.concat([rest, part])
    const isLast = part.length < chunk
    const end = isLast ? all.length : all.lastIndexOf(10) + 1
    if (all.subarray(0, end).toString('utf8').replace(/\n$/, '').split('\n').some(fits)) return true
    if (isLast) return false
    // A line without an end is judged in pieces.
    rest = all.length - end > chunk ? new Uint8Array() : all.subarray(end)
  }
}
