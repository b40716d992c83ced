/** Lines as comments and back, by a regular expression for the start of the line. */
import { escapeRegex } from '../../../shared/render/jinja/salt/regex/python-regex.ts'
import { linesOf } from './edit.ts'
import { compileRegex, fileBudget } from './expression.ts'

/** Without the anchors, which Salt takes for granted; with them as they were written where both are wanted. */
export function lineExpression(regex: string): string {
  const [, flags = '', body = ''] = /^(\(\?[aiLmsux]+\))?([\s\S]*)$/.exec(regex) ?? []
  const end = body.endsWith('$') ? '$' : ''
  return `${flags}(?:${body.replace(/^\^+/, '').replace(/\$+$/, '')})${end}`
}

/** Puts something between the flags at the beginning and the expression. */
function after(flagsAndBody: string, prefix: string): string {
  const [, flags = '', body = ''] = /^(\(\?[aiLmsux]+\))?([\s\S]*)$/.exec(flagsAndBody) ?? []
  return `${flags}${prefix}${body}`
}

/** Every line that begins with what the expression finds, and is no comment yet, gets the mark. */
export function commentLines(text: string, regex: string, mark: string): string {
  const wanted = compileRegex(lineExpression(regex))
  const budget = fileBudget()
  return linesOf(text)
    .map((line) => (!isComment(line, mark) && wanted.match(line, budget) ? `${mark}${line}` : line))
    .join('')
}

/** Every comment whose text begins with what the expression finds loses its marks. */
export function uncommentLines(text: string, regex: string, mark: string): string {
  const wanted = compileRegex(after(lineExpression(regex), `${escapeRegex(mark)}\\s*`))
  const budget = fileBudget()
  return linesOf(text)
    .map((line) => (wanted.match(line, budget) ? withoutMarks(line, mark) : line))
    .join('')
}

/** A comment says it already. */
export function isCommented(text: string, regex: string, mark: string): boolean {
  const wanted = compileRegex(after(lineExpression(regex), `\\s*${escapeRegex(mark)}.*?`))
  const budget = fileBudget()
  return linesOf(text).some((line) => wanted.match(line, budget) !== undefined)
}

export function isUncommented(text: string, regex: string): boolean {
  const wanted = compileRegex(after(lineExpression(regex), '[ \\t]*'))
  const budget = fileBudget()
  return linesOf(text).some((line) => wanted.match(line, budget) !== undefined)
}

const isComment = (line: string, mark: string): boolean => line.trimStart().startsWith(mark)

function withoutMarks(line: string, mark: string): string {
  let rest = line
  while (rest.startsWith(mark)) rest = rest.slice(mark.length)
  return rest
}
