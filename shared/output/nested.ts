/** Salt's nested form: mappings indented by four under `----------`, lists with `- `, `|_` for what nests in lists. */
import { isDict, isList, type Value } from '../data/value.ts'
import type { Color, Paint } from './paint.ts'
import { pythonText, sortedKeys } from './python-text.ts'

export interface NestedOptions {
  readonly paint: Paint
  /** Columns before everything; a mapping gets its `----------` only where it is not 0. */
  readonly indent?: number
  /** Keys turn red with another code than 0. */
  readonly retcode?: number
}

/** The lines of a value; texts must be harmless already. */
export function nestedLines(value: Value, options: NestedOptions): string[] {
  const lines: string[] = []
  const failed = (options.retcode ?? 0) !== 0
  const line = (indent: number, color: Color, text: string, prefix = '', suffix = ''): void => {
    lines.push(`${' '.repeat(indent)}${options.paint(color, prefix + text)}${suffix}`)
  }
  const show = (item: Value, indent: number, prefix: string): void => {
    if (isDict(item)) {
      if (indent > 0) line(indent, failed ? 'red' : 'cyan', '----------')
      for (const key of sortedKeys(item.keys())) {
        line(indent, failed ? 'red' : 'cyan', pythonText(key), prefix, ':')
        show(item.get(key) ?? null, indent + 4, '')
      }
    } else if (isList(item)) {
      for (const member of item) {
        if (isDict(member) || isList(member)) {
          line(indent, failed ? 'red' : 'green', '|_')
          show(member, indent + 2, isDict(member) ? '' : '- ')
        } else show(member, indent, '- ')
      }
    } else if (typeof item === 'string') {
      textLines(item).forEach((text, index) => {
        line(indent, 'green', text, index === 0 ? prefix : ' '.repeat(prefix.length))
      })
    } else line(indent, 'lightYellow', pythonText(item), prefix)
  }
  show(value, options.indent ?? 0, '')
  return lines
}

/** Lines without their ends; a newline at the end opens no further line, and no text has no line. */
export function textLines(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}
