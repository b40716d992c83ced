/** Colours the lines of an error as `describeError` writes them: where it is and what to do stand out. */
import type { Paint } from './paint.ts'

/** @returns undefined: the line is none of a place or a hint */
export function placeOrHint(line: string, paint: Paint): string | undefined {
  if (/^ {2}hint: /.test(line)) return `  ${paint('lightYellow', 'hint:')} ${line.slice('  hint: '.length)}`
  if (/^ {2}at \S+:\d+:\d+$/.test(line)) return paint('cyan', line)
  const caret = /^( +\| *)\^$/.exec(line)?.[1]
  if (caret !== undefined) return `${caret}${paint('lightRed', '^')}`
  const quoted = /^( +\d+ \| )(.*)$/.exec(line)
  return quoted ? `${paint('dim', quoted[1] ?? '')}${quoted[2]}` : undefined
}

/** The lines of a whole error; the message first. */
export function errorLines(error: string, paint: Paint): string[] {
  return error
    .split('\n')
    .map((line, index) => placeOrHint(line, paint) ?? (index === 0 ? paint('bold', line) : line))
}
