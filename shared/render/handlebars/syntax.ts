/** Syntax errors of Handlebars in words of ours, at the place of the mistake and not where the parser noticed it. */
import { TsaltError } from '../../errors/error.ts'
import type { TextSource } from '../source-map.ts'

/** Handlebars' syntax errors have their place in the message. */
export function syntaxError(error: unknown, source: TextSource): TsaltError {
  const message = error instanceof Error ? error.message : String(error)
  const parsed = /^Parse error on line (\d+):\n(.*)\n(-*)\^\n([\s\S]*)$/.exec(message)
  if (parsed) {
    const got = /got '(\w+)'/.exec(parsed[4] ?? '')?.[1]
    const open = got === 'EOF' ? unclosed(source) : undefined
    if (open) return at(source, open.at, open.reason, open.hint, error)
    const line = Number(parsed[1])
    const upcoming = (parsed[2] ?? '').slice((parsed[3] ?? '').length).slice(0, 8)
    const text = source.placeAt(line, 1).text ?? ''
    const column = Math.max(0, upcoming === '' ? text.length : text.indexOf(upcoming))
    if (got === 'INVALID' && text[column] !== '}') {
      const tag = unclosed(source)
      if (tag?.tag) return at(source, tag.at, tag.reason, tag.hint, error)
    }
    const { reason, hint } = plainReason(got, parsed[4] ?? '', text[column] ?? '')
    return at(source, source.offsetAt(line, column + 1), reason, hint, error)
  }
  const { lineNumber = 1, column = 0 } = error as { lineNumber?: number; column?: number }
  const [reason, hint] = mismatch(message.replace(/ - \d+:\d+$/, ''))
  return at(source, source.offsetAt(lineNumber, column + 1), reason, hint, error)
}

function at(source: TextSource, offset: number, reason: string, hint: string | undefined, cause: unknown) {
  return new TsaltError('template-syntax', { reason }, { place: source.placeOf(offset), hint, cause })
}

const tags = /\{\{!--[\s\S]*?--~?\}\}|\{\{![\s\S]*?\}\}|\{\{~?([#^/])?[>*]?\s*([^\s}~]*)[^}]*\}\}|\{\{/g

interface Opening {
  /** A tag without its braces; else a block without its end. */
  readonly tag: boolean
  readonly at: number
  readonly reason: string
  readonly hint: string
}

/** The innermost block without an end, or a tag that never ends. */
function unclosed({ text }: TextSource): Opening | undefined {
  const open: { name: string; at: number }[] = []
  for (const tag of text.matchAll(tags)) {
    const [whole, sign, name = ''] = tag
    if (text[tag.index - 1] === '\\') continue
    if (whole === '{{') {
      return {
        tag: true,
        at: tag.index,
        reason: 'this tag is opened and not closed',
        hint: 'A tag ends with "}}"; put a backslash before braces that are meant as text.',
      }
    }
    if (sign === '/') open.pop()
    else if (sign !== undefined && name !== '') open.push({ name, at: tag.index })
  }
  const last = open.pop()
  return (
    last && {
      tag: false,
      at: last.at,
      reason: `the block "${last.name}" is opened here and not closed`,
      hint: `Write {{/${last.name}}} where it ends.`,
    }
  )
}

/** Of Handlebars' "each doesn't match if". */
function mismatch(message: string): [reason: string, hint: string | undefined] {
  const [, open, close] = /^(\S+) doesn't match (\S+)$/.exec(message) ?? []
  if (open === undefined) return [message, undefined]
  return [
    `the block "${open}" is opened here, and {{/${close}}} closes it`,
    `Write {{/${open}}} where it ends.`,
  ]
}

function plainReason(
  got: string | undefined,
  text: string,
  character: string,
): { reason: string; hint?: string } {
  if (got === 'EOF') return { reason: 'a tag or a block is opened and not closed' }
  if (got === 'INVALID') {
    const hint = character === '}' ? { hint: 'A tag ends with "}}".' } : {}
    return { reason: `"${character}" does not belong into a tag`, ...hint }
  }
  if (got === 'OPEN_ENDBLOCK') return { reason: 'this closes a block that was not opened' }
  if (got === 'CLOSE') return { reason: 'the tag ends too early' }
  const reason =
    got === undefined
      ? text.replace(/\s+/g, ' ').trim()
      : `unexpected ${got.toLowerCase().replaceAll('_', ' ')}`
  return { reason }
}
