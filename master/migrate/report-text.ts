/** A check as its owner reads it: counts first, then what to mend, then what to know. */
import type { Paint } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { Check, SlsStatus } from './check.ts'
import { type Finding, type Group, groups } from './finding.ts'

export interface ReportStyle {
  readonly paint: Paint
  readonly columns: number
  /** Every place, not only the first ones. */
  readonly all: boolean
  /** Paths as the user would type them. */
  path(file: string): string
}

/** Shown of each group without `--all`. */
const mostSubjects = 15
const mostPlaces = 2
const mostErrors = 5

const statusWords: Readonly<Record<SlsStatus, string>> = {
  compiles: 'compile',
  together: 'compile only together with SLS that they do not include',
  machine: 'cannot be told without the machine that their templates ask',
  data: 'use values that the pillar or grains of this minion do not have',
  included: 'do not compile because of an SLS or template that they include',
  program: 'are programs (#!py and such)',
  fails: 'do not compile',
}

export function summaryLines({ sls, templates, highstate }: Check, style: ReportStyle): string[] {
  const { paint } = style
  const lines: string[] = []
  const compiled = sls.filter(({ status }) => status === 'compiles').length
  const share = sls.length === 0 ? '' : ` (${percent(compiled, sls.length)})`
  lines.push(paint('bold', `${compiled} of ${sls.length} SLS files compile${share}`))
  for (const [status, words] of Object.entries(statusWords)) {
    const count = sls.filter((one) => one.status === status).length
    if (status !== 'compiles' && count > 0) lines.push(`${String(count).padStart(6)} ${words}`)
  }
  if (templates > 0) lines.push(`${templates} other templates were read`)
  if (highstate !== undefined) lines.push(highstateLine(highstate))
  return lines
}

function highstateLine({ sls, errors }: NonNullable<Check['highstate']>): string {
  if (sls === 0 && errors === 0)
    return 'The top file names nothing for this minion (choose another with --id).'
  const outcome = errors === 0 ? 'compiles' : `is refused with ${errors} error${errors === 1 ? '' : 's'}`
  return `The highstate of this minion, ${sls} SLS, ${outcome}.`
}

/** Rounded so that 100 % means all. */
function percent(part: number, whole: number): string {
  return part === whole ? '100 %' : `${Math.min(99.9, Math.round((1000 * part) / whole) / 10)} %`
}

export function groupLines(findings: readonly Finding[], style: ReportStyle): string[] {
  const lines: string[] = []
  for (const [name, { title, meaning, weight }] of Object.entries(groups)) {
    const own = findings.filter(({ group }) => group === name)
    if (own.length === 0) continue
    const color = weight === 'mend' ? 'lightRed' : 'lightYellow'
    lines.push('', `${style.paint(color, title)} ${style.paint('dim', `(${own.length})`)}`)
    lines.push(...wrap(meaning, style.columns - 2).map((line) => style.paint('dim', `  ${line}`)))
    lines.push(...(isListed(name as Group) ? errorLines(own, style) : subjectLines(own, style)))
  }
  return lines
}

/** Groups whose findings are all different: one after the other. The others are counted by subject. */
const isListed = (group: Group): boolean => ['compile', 'together', 'data', 'untold'].includes(group)

/** By kind of error, the commonest first; what all of a kind share stands once. */
function errorLines(findings: readonly Finding[], style: ReportStyle): string[] {
  const kinds = [...bySubject(findings)].sort(([a, as], [b, bs]) => bs.length - as.length || compare(a, b))
  return kinds.flatMap(([kind, own]) => {
    const sorted = [...own].sort((a, b) => compare(placeText(a, style), placeText(b, style)))
    const shown = style.all ? sorted : sorted.slice(0, mostErrors)
    const shared = commonest(own.map(({ hint }) => hint ?? ''))
    const head =
      kinds.length > 1 ? [`  ${style.paint('bold', kind)} ${style.paint('dim', `(${own.length})`)}`] : []
    const lines = shown.flatMap((finding) => [
      `    ${style.paint('cyan', placeText(finding, style) || '(no place)')}`,
      ...dimmed(finding.message, 8, style, false),
      ...(finding.hint === shared ? [] : dimmed(finding.hint ?? '', 8, style, true)),
    ])
    return [...head, ...more(lines, sorted.length - shown.length, 'more'), ...dimmed(shared, 4, style, true)]
  })
}

/** Empty where nothing is said twice and there are several. */
function commonest(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const [[text = '', count = 0] = []] = [...counts].sort(([, a], [, b]) => b - a)
  return count > 1 || texts.length === 1 ? text : ''
}

function dimmed(text: string, indent: number, { columns, paint }: ReportStyle, dim: boolean): string[] {
  const lines = wrap(harmlessLine(text), columns - indent).map((line) => `${' '.repeat(indent)}${line}`)
  return dim ? lines.map((line) => paint('dim', line)) : lines
}

function bySubject(findings: readonly Finding[]): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>()
  for (const one of findings) found.set(one.subject, [...(found.get(one.subject) ?? []), one])
  return found
}

function subjectLines(findings: readonly Finding[], style: ReportStyle): string[] {
  const sorted = [...bySubject(findings)].sort(([a, as], [b, bs]) => bs.length - as.length || compare(a, b))
  const shown = style.all ? sorted : sorted.slice(0, mostSubjects)
  const width = Math.min(40, Math.max(...shown.map(([subject]) => subject.length)))
  const lines = shown.flatMap(([subject, own]) => {
    const [first] = own
    const places = own.map((one) => placeText(one, style))
    const sign = harmlessLine(subject).padEnd(width)
    const hints = [...new Set(own.map(({ hint }) => hint).filter((hint) => hint !== undefined))]
    const head = `  ${sign} ${style.paint('bold', String(own.length).padStart(4))}  `
    const indent = ' '.repeat(width + 9)
    const text = placesText(places, style, style.columns - indent.length)
    const explained = first?.group === 'different' ? [first.message, ...hints] : hints
    return [
      ...text.map((line, index) => (index === 0 ? `${head}${line}` : `${indent}${line}`)),
      ...explained
        .slice(0, 2)
        .flatMap((line) => wrap(harmlessLine(line), style.columns - 4))
        .map((line) => style.paint('dim', `    ${line}`)),
    ]
  })
  return more(lines, sorted.length - shown.length, 'more kinds')
}

function placesText(places: readonly string[], { all, paint }: ReportStyle, room: number): string[] {
  if (all) return places.map((place) => paint('cyan', place))
  const shown: string[] = []
  for (const place of places.slice(0, mostPlaces))
    if (shown.length === 0 || [...shown, place].join(', ').length < room - 14) shown.push(place)
  const left = places.length - shown.length
  return [`${shown.map((place) => paint('cyan', place)).join(', ')}${left > 0 ? ` and ${left} more` : ''}`]
}

function more(lines: string[], left: number, words: string): string[] {
  return left > 0 ? [...lines, `  … ${left} ${words} (--all shows them)`] : lines
}

function placeText({ place }: Finding, { path }: ReportStyle): string {
  return place === undefined ? '' : harmlessLine(`${path(place.file)}:${place.line}`)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function wrap(text: string, columns: number): string[] {
  if (text === '') return []
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > Math.max(30, columns)) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
