/** The changes of one state in compact form: coloured diffs, `old → new`, and short lists of the rest. */
import { type Dict, isDict, isList, isScalar, type Value } from '../data/value.ts'
import { nestedLines, textLines } from './nested.ts'
import { type Paint, paintOf } from './paint.ts'
import { pythonText } from './python-text.ts'

/** Lines of a text that is no diff which are shown before the rest is only counted. */
const shownLines = 20

export interface ChangeOptions {
  readonly paint: Paint
  /** Typographic signs instead of ASCII. */
  readonly unicode: boolean
}

export function changeLines(changes: Value, options: ChangeOptions): string[] {
  if (!isDict(changes)) return nestedLines(changes, { paint: options.paint })
  const command = changes.has('retcode') && changes.has('stdout')
  const lines: string[] = []
  for (const [key, item] of changes) {
    if (command && isNoise(key, item)) continue
    lines.push(...entryLines(pythonText(key), item, options))
  }
  return lines
}

/** Of a command: its process number, its success, streams that are empty, and what a dry run can't know. */
function isNoise(key: unknown, item: Value): boolean {
  return key === 'pid' || (key === 'retcode' && item === 0) || item === '' || item === null
}

function entryLines(key: string, item: Value, options: ChangeOptions): string[] {
  const { paint } = options
  if (isDict(item)) {
    if (isOldAndNew(item)) return oldAndNewLines(key, item, options)
    if (item.size === 0) return [paint('cyan', key)]
    const inner = [...item].flatMap(([name, member]) => entryLines(pythonText(name), member, options))
    const [only] = inner
    if (inner.length === 1 && only !== undefined) return [`${paint('cyan', key)}: ${only}`]
    return [`${paint('cyan', key)}:`, ...inner.map((line) => `  ${line}`)]
  }
  if (isList(item)) {
    const texts = item.map((member) => (isDict(member) || isList(member) ? undefined : pythonText(member)))
    if (texts.every((text) => text !== undefined && !text.includes('\n'))) {
      return [`${paint('cyan', key)}: ${texts.join(', ')}`]
    }
    return [`${paint('cyan', key)}:`, ...nestedLines(item, { paint, indent: 2 })]
  }
  const text = pythonText(item)
  if (key === 'diff' && isDiff(text)) return diffLines(text, paint)
  const lines = textLines(text)
  if (lines.length <= 1) return [`${paint('cyan', key)}: ${text.trimEnd()}`]
  return [`${paint('cyan', key)}:`, ...cut(lines, options).map((line) => `  ${line}`)]
}

const isDiff = (text: string): boolean => /^(?:---|\+\+\+|@@)/m.test(text)

/** A unified diff, coloured; its first two lines are left out where they name no file. */
export function diffLines(diff: string, paint: Paint): string[] {
  const lines = textLines(diff)
  let hunks = false
  const shown: string[] = []
  for (const line of lines) {
    if (line.startsWith('@@')) hunks = true
    if (!hunks && /^(?:---|\+\+\+)\s*$/.test(line)) continue
    shown.push(diffLine(line, hunks, paint))
  }
  return shown
}

function diffLine(line: string, inHunks: boolean, paint: Paint): string {
  if (line.startsWith('@@')) return paint('cyan', line)
  if (!inHunks) return paint('bold', line)
  if (line.startsWith('+')) return paint('green', line)
  return line.startsWith('-') ? paint('red', line) : line
}

const isOldAndNew = (item: Dict): boolean =>
  item.size > 0 && [...item.keys()].every((key) => key === 'old' || key === 'new')

function oldAndNewLines(key: string, item: Dict, options: ChangeOptions): string[] {
  const { paint } = options
  const before = shortText(item.get('old') ?? '')
  const after = shortText(item.get('new') ?? '')
  if (before !== undefined && after !== undefined) {
    const none = paint('dim', 'none')
    const arrow = options.unicode ? '→' : '->'
    const old = before === '' ? none : paint('red', before)
    return [`${paint('cyan', key)}: ${old} ${arrow} ${after === '' ? none : paint('green', after)}`]
  }
  return [
    `${paint('cyan', key)}:`,
    ...sideLines(item.get('old'), options).map((line) => `  ${paint('red', `-${line}`)}`),
    ...sideLines(item.get('new'), options).map((line) => `  ${paint('green', `+${line}`)}`),
  ]
}

function sideLines(value: Value | undefined, options: ChangeOptions): string[] {
  if (value === undefined || value === null || value === '') return []
  if (isDict(value) || isList(value)) return nestedLines(value, { paint: paintOf(false) })
  return cut(textLines(pythonText(value)), options)
}

/** undefined: does not fit into the middle of a line. */
function shortText(value: Value): string | undefined {
  if (value === null) return ''
  if (isDict(value)) return value.size === 0 ? '' : undefined
  if (isList(value)) {
    return value.every(isScalar) ? value.map(pythonText).join(', ') : undefined
  }
  const text = pythonText(value)
  return text.includes('\n') ? undefined : text
}

function cut(lines: string[], options: ChangeOptions): string[] {
  const rest = lines.length - shownLines
  if (rest <= 1) return lines
  const dots = options.unicode ? '…' : '...'
  const note = `${dots} ${rest} more lines (--state-output=full shows all)`
  return [...lines.slice(0, shownLines), options.paint('dim', note)]
}
