/** What `tsalt reactor` prints for people. */
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { formatValue, type OutputSettings } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'

const dictsOf = (value: Value | undefined): Dict[] => (isList(value) ? value.filter(isDict) : [])
const textOf = (value: Value | undefined): string => harmlessLine(String(value ?? ''))
const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by)

export function listText(answer: Value, settings: OutputSettings): string {
  const entries = dictsOf(answer)
  if (entries.length === 0)
    return 'The reactor has no entries: the option "reactor" of the master is empty.\n'
  return entries
    .flatMap((entry) => [...entry].map(([glob, value]) => entryText(String(glob), value, settings)))
    .join('')
}

function entryText(glob: string, value: Value, settings: OutputSettings): string {
  const more = isDict(value) ? [...value].filter(([key]) => key !== 'sls' && key !== 'warning') : []
  const words = more.map(([key, word]) =>
    word === true ? textOf(String(key)) : `${textOf(String(key))} ${textOf(word)}`,
  )
  const files = isDict(value) ? (value.get('sls') ?? null) : value
  const lines = (isList(files) ? files : [files]).map((file) => `    ${textOf(file)}\n`)
  const warning = isDict(value) ? value.get('warning') : undefined
  if (warning !== undefined)
    lines.push(`    ${paintOf(settings.color)('yellow', `Would be refused: ${textOf(warning)}.`)}\n`)
  const about = words.length > 0 ? `  (${words.join(', ')})` : ''
  return `${paintOf(settings.color)('bold', textOf(glob))}${about}\n${lines.join('')}`
}

export function statusText(answer: Value, settings: OutputSettings): string {
  if (!isDict(answer)) return formatValue(answer, settings)
  const paint = paintOf(settings.color)
  const errors = dictsOf(answer.get('errors'))
  const head = answer.get('running')
    ? `At event ${textOf(answer.get('offset'))}, ${textOf(answer.get('lag'))} behind, ${textOf(answer.get('under_way'))} under way.`
    : 'The reactor has no entries.'
  const counts = `${textOf(answer.get('reactions'))} reactions, ${textOf(answer.get('failed'))} failed, ${textOf(answer.get('skipped'))} events passed over as too old.`
  const lines = errors.map((error) => {
    const title = `${textOf(error.get('at'))}  event ${textOf(error.get('sequence'))}  ${textOf(error.get('tag'))}`
    return `${paint('bold', title)}\n${indented(linesOf(error.get('error')), '    ')}\n`
  })
  return [`${head}\n${counts}\n`, ...(lines.length > 0 ? ['\nLast mistakes:\n', ...lines] : [])].join('')
}

export function rehearsalText(answer: Value, settings: OutputSettings): string {
  const files = dictsOf(answer)
  const paint = paintOf(settings.color)
  if (files.length === 0)
    return 'No entry of the reactor is for this event. "tsalt reactor list" shows them.\n'
  return files
    .map((file) => {
      const head = `${paint('bold', textOf(file.get('file')))}  (${textOf(file.get('glob'))}, as ${textOf(file.get('as'))})\n`
      if (file.has('error')) return `${head}${indented(linesOf(file.get('error')), '  ')}\n`
      const reactions = dictsOf(file.get('reactions'))
      if (reactions.length === 0) return `${head}  nothing to do\n`
      return head + reactions.map((reaction) => reactionText(reaction, settings)).join('')
    })
    .join('\n')
}

function reactionText(reaction: Dict, settings: OutputSettings): string {
  const paint = paintOf(settings.color)
  return [...reaction]
    .map(([id, parts]) => {
      if (!isDict(parts)) return ''
      const rest = [...parts].filter(([key]) => key !== 'minions' && key !== 'error')
      const minions = parts.get('minions')
      const call = rest.map(
        ([name, words]) => `${textOf(String(name))}\n${indented(formatValue(words, settings), '    ')}`,
      )
      const whom = isList(minions) ? `    minions now: ${minions.map(textOf).join(', ')}\n` : ''
      const error = parts.has('error')
        ? `${indented(paint('red', linesOf(parts.get('error'))), '    ')}\n`
        : ''
      return `  ${paint('bold', textOf(String(id)))}: ${call.join('')}${whom}${error}`
    })
    .join('')
}

const linesOf = (value: Value | undefined): string =>
  String(value ?? '')
    .split('\n')
    .map(harmlessLine)
    .join('\n')
