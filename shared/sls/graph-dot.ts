/** The graph of a run in the language of graphviz: an arrow leads from what comes first to what waits for it. */
import type { LowChunk, RequisiteKind } from './low.ts'

const styles: Readonly<Partial<Record<RequisiteKind, string>>> = {
  require: 'color="#444444"',
  require_any: 'color="#444444", style=dashed',
  watch: 'color="#1f6feb"',
  watch_any: 'color="#1f6feb", style=dashed',
  onchanges: 'color="#2da44e"',
  onchanges_any: 'color="#2da44e", style=dashed',
  onfail: 'color="#cf222e"',
  onfail_any: 'color="#cf222e", style=dashed',
  onfail_all: 'color="#cf222e", style=bold',
  prereq: 'color="#8250df"',
  listen: 'color="#1f6feb", style=dotted',
}

export function graphDot(chunks: readonly LowChunk[]): string {
  const lines = ['digraph states {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif"];']
  const bySls = new Map<string, number[]>()
  for (const [index, { environment, sls }] of chunks.entries()) {
    const name = `${environment}:${sls}`
    const members = bySls.get(name)
    if (members) members.push(index)
    else bySls.set(name, [index])
  }
  for (const [number, [name, members]] of [...bySls].entries()) {
    lines.push(`  subgraph cluster_${number} {`, `    label=${quoted(name)};`)
    for (const index of members) lines.push(`    n${index} [label=${quoted(labelOf(chunks[index]))}];`)
    lines.push('  }')
  }
  for (const [index, { requisites }] of chunks.entries())
    for (const { kind, targets } of requisites)
      for (const target of targets) {
        // A prereq is the one requisite whose target waits.
        const [first, then] = kind === 'prereq' ? [index, target] : [target, index]
        lines.push(`  n${first} -> n${then} [label=${quoted(kind)}, ${styles[kind] ?? 'color=black'}];`)
      }
  return `${[...lines, '}'].join('\n')}\n`
}

function labelOf(chunk: LowChunk | undefined): string {
  if (chunk === undefined) return ''
  const { state, fun, id, name } = chunk
  return [`${state}.${fun}`, id, ...(name === id ? [] : [name])].join('\n')
}

/** Longer names are cut; line ends and quotes are escaped as DOT has it. */
function quoted(text: string): string {
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text
  const escaped = shown
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replace(/\p{Cc}/gu, ' ')
  return `"${escaped}"`
}
