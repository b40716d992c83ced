/** Comma-separated values as RFC 4180 and PostgreSQL's COPY write them. */

/** Rows of fields; a field in quotes may hold commas, line ends, and quotes written twice. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const { value, next } = text[at] === '"' ? quoted(text, at) : bare(text, at)
    row.push(value)
    if (text[next] === ',') {
      at = next + 1
      // A comma at the end has an empty field behind it.
      if (at < text.length) continue
      row.push('')
    }
    rows.push(row)
    row = []
    at = text[next] === '\r' && text[next + 1] === '\n' ? next + 2 : next + 1
  }
  return rows
}

function bare(text: string, from: number): { value: string; next: number } {
  const ends = /,|\r?\n/g
  ends.lastIndex = from
  const next = ends.exec(text)?.index ?? text.length
  return { value: text.slice(from, next), next }
}

function quoted(text: string, from: number): { value: string; next: number } {
  let value = ''
  let at = from + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end < 0) return { value: value + text.slice(at), next: text.length }
    value += text.slice(at, end)
    if (text[end + 1] !== '"') return { value, next: end + 1 }
    value += '"'
    at = end + 2
  }
}

/** The first row names the fields of the others. */
export function csvRecords(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(text)
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])))
}
