/** Names of backups that say when they were made, and which of them a schedule keeps. */

/** Milliseconds since the epoch, from a name in the words of strptime (`backup-%Y%m%d.tar`); undefined: it says none. */
export function timeReader(format: string): (name: string) => number | undefined {
  const fields: string[] = []
  const parts: Readonly<Record<string, string>> = {
    Y: '(\\d{4})',
    m: '(\\d{1,2})',
    d: '(\\d{1,2})',
    H: '(\\d{1,2})',
    M: '(\\d{1,2})',
    S: '(\\d{1,2})',
    y: '(\\d{2})',
    j: '(\\d{1,3})',
    b: '([A-Za-z]{3})',
    B: '([A-Za-z]+)',
    f: '(\\d{1,6})',
    s: '(\\d+)',
  }
  const source = format.replace(/%(.)|[\\^$.*+?()[\]{}|]/g, (whole, field: string | undefined) => {
    if (field === undefined) return `\\${whole}`
    if (field === '%') return '%'
    const part = parts[field]
    if (part === undefined) throw new Error(`%${field}`)
    fields.push(field)
    return part
  })
  const expression = new RegExp(`^${source}$`)
  return (name) => {
    const match = expression.exec(name)
    return match ? moment(new Map(fields.map((field, index) => [field, match[index + 1] ?? '']))) : undefined
  }
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/** In UTC, so that a change of the clock neither makes a backup older nor younger than another. */
function moment(found: ReadonlyMap<string, string>): number | undefined {
  const number = (field: string, otherwise: number): number =>
    found.has(field) ? Number(found.get(field)) : otherwise
  if (found.has('s')) return number('s', 0) * 1_000
  const year = found.has('y') ? (number('y', 0) < 69 ? 2_000 : 1_900) + number('y', 0) : number('Y', 1_900)
  const word = (found.get('b') ?? found.get('B'))?.slice(0, 3).toLowerCase()
  const month = word === undefined ? number('m', 1) - 1 : months.indexOf(word)
  const day = found.has('j') ? number('j', 1) : number('d', 1)
  const time = Date.UTC(year, found.has('j') ? 0 : month, day, number('H', 0), number('M', 0), number('S', 0))
  const isReal =
    month >= 0 && month < 12 && day > 0 && day <= (found.has('j') ? 366 : 31) && number('H', 0) < 24
  return isReal ? time : undefined
}

export const periods = [
  'most_recent',
  'first_of_hour',
  'first_of_day',
  'first_of_week',
  'first_of_month',
  'first_of_year',
] as const
export type Retain = Readonly<Partial<Record<(typeof periods)[number], number>>>

export interface Backup {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** Names to keep: the newest ones, and of the last so many hours, days, … with a backup the first of each. */
export function keptBackups(backups: readonly Backup[], retain: Retain): Set<string> {
  const sorted = [...backups].sort((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1))
  const kept = new Set<string>()
  for (const [period, count] of Object.entries(retain) as [(typeof periods)[number], number][]) {
    const firsts = new Map<string, string>()
    for (const { name, time } of sorted)
      firsts.set(period === 'most_recent' ? name : startOf(period, time), name)
    for (const name of [...firsts.values()].slice(0, count)) kept.add(name)
  }
  return kept
}

function startOf(period: (typeof periods)[number], time: number): string {
  const date = new Date(time)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  if (period === 'first_of_year') return `${year}`
  if (period === 'first_of_month') return `${year}-${month}`
  if (period === 'first_of_day') return `${year}-${month}-${day}`
  if (period === 'first_of_hour') return `${year}-${month}-${day}-${date.getUTCHours()}`
  // Weeks begin on Monday.
  return String(Math.floor((time / 86_400_000 + 3) / 7))
}
