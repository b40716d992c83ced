/** The lines between two markers, replaced; or the whole block with its markers put where it is to go. */
import { linesOf } from './edit.ts'
import { compileRegex, fileBudget } from './expression.ts'

export interface BlockWish {
  /** Parts of the lines above and below. */
  readonly start: string
  readonly end: string
  readonly content: string
  /** A newline goes between the content and the lower marker. */
  readonly endsContent: boolean
  /** Where the block goes if there is none. */
  readonly place:
    | { readonly kind: 'start' }
    | { readonly kind: 'end' }
    | { readonly kind: 'before' | 'after'; readonly expression: string }
    | undefined
}

export type BlockEdit = { readonly text: string } | { readonly problem: string; readonly hint: string }

/** @throws RegexLimitError */
export function replaceBlock(text: string, wish: BlockWish): BlockEdit {
  const lines = linesOf(text)
  const newline = lines[0]?.endsWith('\r\n') ? '\r\n' : '\n'
  const out: string[] = []
  let inside = false
  let found = false
  for (const line of lines) {
    if (line.includes(wish.start)) inside = true
    else if (inside) {
      const at = line.indexOf(wish.end)
      if (at === -1) continue
      inside = false
      found = true
      out.push(...blockLines(wish, line.slice(at).replace(/[\r\n]+$/, ''), newline))
      continue
    }
    out.push(line)
  }
  if (inside) return unterminated
  return found ? { text: out.join('') } : addBlock(lines, wish, newline)
}

/** The content and the lower marker. */
function blockLines({ content, endsContent }: BlockWish, marker: string, newline: string): string[] {
  const parts = content.split(/\r?\n/)
  const last = parts.pop() ?? ''
  return [
    ...parts.map((part) => part + newline),
    ...(endsContent ? [last + newline, marker + newline] : [last + marker + newline]),
  ]
}

function addBlock(lines: readonly string[], wish: BlockWish, newline: string): BlockEdit {
  const block = [wish.start + newline, ...blockLines(wish, wish.end, newline)]
  const { place } = wish
  if (place === undefined) return missing
  if (place.kind === 'start') return { text: [...block, ...lines].join('') }
  if (place.kind === 'end') return { text: [...ended(lines, newline), ...block].join('') }
  const regex = compileRegex(place.expression)
  const budget = fileBudget()
  const at = lines.findIndex((line) => regex.search(line, budget) !== undefined)
  if (at === -1) return missing
  const index = place.kind === 'before' ? at : at + 1
  return { text: [...ended(lines.slice(0, index), newline), ...block, ...lines.slice(index)].join('') }
}

/** With a newline at the very end. */
function ended(lines: readonly string[], newline: string): readonly string[] {
  const last = lines.at(-1)
  return last === undefined || last.endsWith('\n') ? lines : [...lines.slice(0, -1), last + newline]
}

const unterminated: BlockEdit = {
  problem: 'Unterminated marked block. End of file reached before marker_end.',
  hint: 'The file has the upper marker without the lower one: mend it by hand, or correct marker_end.',
}
const missing: BlockEdit = {
  problem: 'Cannot edit marked block. Markers were not found in file.',
  hint: 'Give "append_if_not_found: True", or put both markers into the file.',
}
