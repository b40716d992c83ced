/** Better words for what the YAML parser says: the common mistakes behind its terse reasons. */
import type { Place } from '../data/place.ts'

/** What to do about a syntax error at a place whose source line is known; undefined: nothing to add. */
export function hintFor(reason: string, place: Place, rendered: boolean): string | undefined {
  const line = place.text ?? ''
  const rest = line.slice(place.column - 1)
  if (line.includes('{%'))
    return 'This looks like Jinja, which is not rendered here: see the first line and the name of the file.'
  const value =
    /^(?:\s*(?:-\s+|[^\s#][^#]*?:\s+))?([@%`])/.exec(rest)?.[1] ?? /[:-]\s+([@%`])/.exec(line)?.[1]
  if (value !== undefined)
    return `A value cannot start with ${value === '`' ? 'a backtick' : `"${value}"`}: put it in quotes.`
  if (reason.includes('tab')) return 'Indent with spaces: YAML does not allow tabs.'
  if (/^[^\S\n]*\t/.test(line)) return 'There is a tab in the indentation: use spaces.'
  if (rendered && line.includes('{{'))
    return 'What the template makes of this line is not YAML: a value may need quotes, or the indent helper.'
  if (line.includes('{{'))
    return 'The line contains template syntax that was not rendered: does the first line name the right renderer?'
  if (reason.startsWith('bad indentation'))
    return hintForIndentation(line, rest, line.slice(0, place.column - 1))
  if (reason.includes('quoted scalar')) return 'A quote was opened and not closed.'
  if (reason.includes('flow collection'))
    return 'A "[" or "{" was opened and not closed, or a comma is missing.'
  if (reason.startsWith('end of the stream'))
    return 'This line does not fit what comes before it: check its indentation.'
  if (reason.includes('implicit key'))
    return 'A ":" is missing after the key, or the line is indented wrongly.'
  return undefined
}

function hintForIndentation(line: string, rest: string, before: string): string {
  if (/["']\s*$/.test(before)) return 'Something follows a closing quote: quote the whole value.'
  if (/^\s*:\s/.test(rest) || /:\s.*:(?:\s|$)/.test(line))
    return 'A value with ": " in it needs quotes; or the line is indented differently from its neighbours.'
  if (/["']\s*\S/.test(rest)) return 'Something follows a closing quote: quote the whole value.'
  return 'This line must start in the same column as the others of its mapping or list.'
}
