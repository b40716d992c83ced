/** Moments of the past as people type them. */
import { TsaltError } from '../../shared/errors/error.ts'
import { seconds } from './command-line.ts'

/** `2h`: so long ago; or a day, or a moment of it, in the local time zone. @returns milliseconds since the epoch */
export function pastMoment(text: string, now: number): number {
  if (/^\d+[smhd]?$/.test(text)) return now - seconds(text) * 1000
  if (/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$/.test(text)) {
    const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')).getTime()
    if (!Number.isNaN(time)) return time
  }
  throw new TsaltError('usage-wrong', {
    reason: `"${text}" is no time, such as 90s, 10m, 2h, 3d, 2026-11-22 or "2026-11-22 14:30"`,
  })
}
