/** Grants of MySQL and MariaDB: what SHOW GRANTS prints, read and compared. */
import { identifier, pattern } from './sql-text.ts'

/** Privilege in capitals, one blank between words → its columns; empty: all of the table. */
export type Privileges = ReadonlyMap<string, readonly string[]>

export interface Grant {
  readonly privileges: Privileges
  /** `PROCEDURE`, `FUNCTION`; empty: tables. */
  readonly kind: string
  /** As it stands between the backticks, with `\_`; `*` is every one. */
  readonly database: string
  readonly table: string
  readonly user: string
  readonly host: string
  readonly grantOption: boolean
}

type Token = { readonly kind: 'word' | 'name' | 'mark'; readonly text: string }

const tokenForm =
  /\s+|`((?:[^`]|``)*)`|'((?:[^'\\]|''|\\.)*)'|"((?:[^"\\]|""|\\.)*)"|([^\s`'"(),.@;]+)|([(),.@;])/gsy

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = []
  tokenForm.lastIndex = 0
  while (tokenForm.lastIndex < text.length) {
    const match = tokenForm.exec(text)
    if (!match) return undefined
    const [, ticked, single, double, word, mark] = match
    if (ticked !== undefined) tokens.push({ kind: 'name', text: ticked.replaceAll('``', '`') })
    else if (single !== undefined) tokens.push({ kind: 'name', text: unescaped(single, "'") })
    else if (double !== undefined) tokens.push({ kind: 'name', text: unescaped(double, '"') })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark })
  }
  return tokens
}

const letters: Readonly<Record<string, string>> = { 0: '\0', n: '\n', r: '\r', Z: '\x1a', t: '\t', b: '\b' }

const unescaped = (text: string, quote: string): string =>
  text.replace(/\\(.)|''|""/gs, (whole, escaped: string | undefined) =>
    escaped === undefined ? (whole === quote + quote ? quote : whole) : (letters[escaped] ?? escaped),
  )

const isWord = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === text
const isMark = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'mark' && token.text === text

/**
 * @param line as SHOW GRANTS prints it
 * @returns undefined: it grants no privileges on anything (a role, PROXY), or cannot be read
 */
export function parseGrant(line: string): Grant | undefined {
  const tokens = tokensOf(line.trim())
  if (!tokens || !isWord(tokens[0], 'GRANT')) return undefined
  const on = indexOutside(tokens, 'ON', 1)
  const to = indexOutside(tokens, 'TO', on + 1)
  if (on < 0 || to < 0) return undefined
  const privileges = privilegesOf(tokens.slice(1, on))
  const object = tokens.slice(on + 1, to)
  const kind =
    object.length > 1 && /^(?:PROCEDURE|FUNCTION|TABLE|PACKAGE|BODY)$/i.test(object[0]?.text ?? '')
      ? object[0]?.text.toUpperCase()
      : ''
  const level = kind === '' ? object : object.slice(1)
  const [database, dot, table] = level
  const [user, at, host] = tokens.slice(to + 1)
  if (!privileges || !database || !table || !isMark(dot, '.') || level.length !== 3 || !user) return undefined
  const rest = tokens.slice(to + 1)
  const grantOption = rest.some((token, index) => isWord(token, 'GRANT') && isWord(rest[index + 1], 'OPTION'))
  return {
    privileges,
    kind: kind === 'TABLE' ? '' : (kind ?? ''),
    database: database.text,
    table: table.text,
    user: user.text,
    host: isMark(at, '@') ? (host?.text ?? '%') : '%',
    grantOption,
  }
}

/** The next word outside of parentheses. */
function indexOutside(tokens: readonly Token[], word: string, from: number): number {
  let depth = 0
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index]
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    else if (depth === 0 && isWord(token, word)) return index
  }
  return -1
}

function privilegesOf(tokens: readonly Token[]): Privileges | undefined {
  const privileges = new Map<string, readonly string[]>()
  let words: string[] = []
  let columns: string[] | undefined
  let inside = false
  const keep = (): void => {
    const name = privilegeName(words.join(' '))
    if (name !== '') privileges.set(name, columns ?? [])
    words = []
    columns = undefined
  }
  for (const token of tokens) {
    if (isMark(token, '(')) {
      inside = true
      columns = []
    } else if (isMark(token, ')')) inside = false
    else if (isMark(token, ',')) {
      if (!inside) keep()
    } else if (inside) columns?.push(token.text)
    else if (token.kind === 'word') words.push(token.text)
    else return undefined
  }
  keep()
  return privileges
}

const privilegeName = (text: string): string => {
  const name = text.trim().replace(/\s+/g, ' ').toUpperCase()
  return name === 'ALL' ? 'ALL PRIVILEGES' : name
}

/** What an argument `grant` asks for: `select, insert (a, b)`; undefined: it cannot be read. */
export function readPrivileges(text: string): Privileges | undefined {
  const tokens = tokensOf(text)
  const privileges = tokens && privilegesOf(tokens)
  const isFit = [...(privileges?.keys() ?? [])].every((name) => /^[A-Z][A-Z_]*(?: [A-Z][A-Z_]*)*$/.test(name))
  return privileges && privileges.size > 0 && isFit ? privileges : undefined
}

/** `SELECT, INSERT (`a`, `b`)` */
export const privilegesText = (privileges: Privileges): string =>
  [...privileges]
    .map(([name, columns]) =>
      columns.length === 0 ? name : `${name} (${columns.map(identifier).join(', ')})`,
    )
    .join(', ')

export interface Level {
  readonly kind: string
  /** As grants keep them. */
  readonly database: string
  readonly table: string
  /** As SQL. */
  readonly sql: string
}

/**
 * An argument `database`: `shop.*`, `shop.orders`, `*.*`, `PROCEDURE shop.total`.
 * @param quotes False: the names are SQL already: `` `shop\_%`.* ``
 * @returns undefined: it cannot be read
 */
export function readLevel(text: string, quotes: boolean): Level | undefined {
  const [, kind = '', rest = ''] = /^(?:(procedure|function)\s+)?(.*)$/is.exec(text.trim()) ?? []
  if (!quotes) return rawLevel(kind.toUpperCase(), rest)
  const dot = rest.lastIndexOf('.')
  if (dot <= 0 || dot === rest.length - 1) return undefined
  const [database, table] = [bare(rest.slice(0, dot)), bare(rest.slice(dot + 1))]
  const isWhole = table === '*'
  const databaseSql = database === '*' ? '*' : isWhole ? pattern(database) : identifier(database)
  const sql = `${kind === '' ? '' : `${kind.toUpperCase()} `}${databaseSql}.${isWhole ? '*' : identifier(table)}`
  const kept = database === '*' || !isWhole ? database : database.replace(/[\\_%]/g, (one) => `\\${one}`)
  return { kind: kind.toUpperCase(), database: kept, table, sql }
}

/** Trees quote names although they need not. */
const bare = (name: string): string => (/^`.*`$/s.test(name) ? name.slice(1, -1).replaceAll('``', '`') : name)

function rawLevel(kind: string, text: string): Level | undefined {
  const tokens = tokensOf(text)
  const [database, dot, table] = tokens ?? []
  if (tokens?.length !== 3 || !database || !table || !isMark(dot, '.')) return undefined
  const shown = ({ kind: what, text: name }: Token): string => (what === 'name' ? identifier(name) : name)
  const sql = `${kind === '' ? '' : `${kind} `}${shown(database)}.${shown(table)}`
  const safe = [database, table].every(
    ({ kind: what, text: name }) => what === 'name' || /^(?:\*|[\w$%\\-]+)$/.test(name),
  )
  return safe ? { kind, database: database.text, table: table.text, sql } : undefined
}

/** MySQL 8 prints ALL on `*.*` as the list of what it stands for. */
const everyStatic = (
  'SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,RELOAD,SHUTDOWN,PROCESS,FILE,REFERENCES,INDEX,ALTER,SHOW DATABASES,SUPER,' +
  'CREATE TEMPORARY TABLES,LOCK TABLES,EXECUTE,REPLICATION SLAVE,REPLICATION CLIENT,CREATE VIEW,SHOW VIEW,' +
  'CREATE ROUTINE,ALTER ROUTINE,CREATE USER,EVENT,TRIGGER,CREATE TABLESPACE,CREATE ROLE,DROP ROLE'
).split(',')

/** Privileges of some grants on one level. */
export function heldOn(
  level: Level,
  grants: readonly Grant[],
): { privileges: Privileges; grantOption: boolean } {
  const here = grants.filter(
    (one) => one.kind === level.kind && one.database === level.database && one.table === level.table,
  )
  const privileges = new Map<string, readonly string[]>()
  for (const grant of here)
    for (const [name, columns] of grant.privileges) {
      const before = privileges.get(name)
      const all = columns.length === 0 || before?.length === 0
      privileges.set(name, all ? [] : [...new Set([...(before ?? []), ...columns])])
    }
  if (everyStatic.every((name) => privileges.has(name))) privileges.set('ALL PRIVILEGES', [])
  return { privileges, grantOption: here.some(({ grantOption }) => grantOption) }
}

/** What of `wanted` is not in `held`. Where all is held, nothing is missing. */
export function missingFrom(held: Privileges, wanted: Privileges): Privileges {
  if (held.has('ALL PRIVILEGES')) return new Map()
  const missing = new Map<string, readonly string[]>()
  for (const [name, columns] of wanted) {
    const own = held.get(name)
    if (name === 'USAGE' || own?.length === 0) continue
    if (own === undefined || columns.length === 0) missing.set(name, columns)
    else {
      const rest = columns.filter((column) => !own.includes(column))
      if (rest.length > 0) missing.set(name, rest)
    }
  }
  return missing
}
