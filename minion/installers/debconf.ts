/** Answers to debconf's questions: read from its database without a process, set by debconf-set-selections. */
import type { Changer, UndoStep } from '../system/changer.ts'
import type { CommandResult, Reader } from '../system/reader.ts'

export interface DebconfAnswer {
  /** The package that asks. */
  readonly owner: string
  readonly question: string
  /** `string`, `boolean`, `select`, `password`, … or `seen`, a flag of the question. */
  readonly type: string
  readonly value: string
}

/** As the database has it. */
export interface DebconfQuestion {
  readonly owners: readonly string[]
  readonly type: string
  readonly value: string
  readonly seen: boolean
}

const folder = '/var/cache/debconf'
const limit = 128 * 1_048_576

/** Every question that is known, by its name. */
export async function debconfQuestions(look: Reader): Promise<Map<string, DebconfQuestion>> {
  const templates = new Map<string, Stanza>()
  for (const stanza of await stanzas(`${folder}/templates.dat`, look))
    templates.set(stanza.get('name') ?? '', stanza)
  const found = new Map<string, DebconfQuestion>()
  for (const file of ['config.dat', 'passwords.dat'])
    for (const stanza of await stanzas(`${folder}/${file}`, look)) {
      const template = templates.get(stanza.get('template') ?? '')
      found.set(stanza.get('name') ?? '', {
        owners: words(stanza.get('owners')),
        type: template?.get('type') ?? 'string',
        value: stanza.get('value') ?? template?.get('default') ?? '',
        seen: words(stanza.get('flags')).includes('seen'),
      })
    }
  return found
}

type Stanza = ReadonlyMap<string, string>

const words = (list: string | undefined): string[] =>
  (list ?? '').split(/[\s,]+/).filter((word) => word !== '')

async function stanzas(path: string, look: Reader): Promise<Stanza[]> {
  if (!(await look.files.infoFollowed(path))) return []
  return parseDebconfDatabase(Buffer.from(await look.files.read(path, limit)).toString('utf8'))
}

/** Paragraphs of `Field: value`; field names in lower case. A newline inside a value is written as `\n`. */
export function parseDebconfDatabase(text: string): Stanza[] {
  const found: Map<string, string>[] = []
  for (const paragraph of text.split(/\n{2,}/)) {
    const stanza = new Map<string, string>()
    for (const line of paragraph.split('\n')) {
      const match = /^([^\s:]+): ?(.*)$/.exec(line)
      if (match) stanza.set((match[1] ?? '').toLowerCase(), (match[2] ?? '').replaceAll('\\n', '\n'))
    }
    if (stanza.size > 0) found.push(stanza)
  }
  return found
}

/** Lines of a file for debconf-set-selections. @returns the first line that is none, as text */
export function parseSelections(text: string): DebconfAnswer[] | string {
  const answers: DebconfAnswer[] = []
  const joined = text.replace(/\r/g, '').replace(/\\\n/g, '')
  for (const line of joined.split('\n')) {
    if (/^\s*(?:#.*)?$/.test(line)) continue
    const [, owner = '', question = '', type = '', value = ''] =
      /^\s*(\S+)\s+(\S+)\s+(\S+)(?:\s(.*))?$/.exec(line) ?? []
    if (!isDebconfType(type)) return line
    answers.push({ owner, question, type, value })
  }
  return answers
}

const types = new Set([
  'select',
  'boolean',
  'string',
  'multiselect',
  'note',
  'password',
  'text',
  'title',
  'seen',
])
export const isDebconfType = (word: string): boolean => types.has(word)

export function isAnswered(answer: DebconfAnswer, known: ReadonlyMap<string, DebconfQuestion>): boolean {
  const now = known.get(answer.question)
  if (answer.type === 'seen') return now !== undefined && String(now.seen) === answer.value
  return now !== undefined && now.value === answer.value && now.type === answer.type
}

const environment = { DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NOWARNINGS: 'yes' }
const program = ['debconf-set-selections']

/** @returns what debconf complained of; undefined: it took the answers */
export async function setAnswers(
  answers: readonly DebconfAnswer[],
  known: ReadonlyMap<string, DebconfQuestion>,
  act: Changer,
): Promise<string | undefined> {
  const stdin = linesOf(answers)
  const result = await act.commands.run(program, { stdin, env: environment, undo: undoOf(answers, known) })
  if (result.code !== 0) return complaintOf(result, answers)
  return undefined
}

/** Passwords go by standard input, and what the program says of a line it does not take may repeat it. */
function complaintOf({ code, stdout, stderr }: CommandResult, answers: readonly DebconfAnswer[]): string {
  if (code === 127)
    return 'debconf-set-selections is not there: this is no system of Debian, or debconf is missing'
  let said = (stderr || stdout).trim() || `debconf-set-selections ended with ${code}`
  for (const { type, value } of answers)
    if (type === 'password' && value !== '') said = said.replaceAll(value, '(password hidden)')
  return said
}

const linesOf = (answers: readonly DebconfAnswer[]): string =>
  answers.map(({ owner, question, type, value }) => `${owner} ${question} ${type} ${value}\n`).join('')

/** What was answered before is set again; a question that nobody knew is forgotten. */
function undoOf(answers: readonly DebconfAnswer[], known: ReadonlyMap<string, DebconfQuestion>): UndoStep[] {
  const old = answers.flatMap(({ owner, question }): DebconfAnswer[] => {
    const before = known.get(question)
    if (!before) return []
    return [
      { owner, question, type: before.type, value: before.value },
      { owner, question, type: 'seen', value: String(before.seen) },
    ]
  })
  const fresh = [...new Map(answers.map((one) => [one.question, one])).values()].filter(
    ({ question }) => !known.has(question),
  )
  return [
    ...(old.length > 0 ? [{ argv: program, stdin: linesOf(old), env: environment }] : []),
    ...fresh.map(({ owner, question }) => ({
      argv: ['debconf-communicate', owner],
      stdin: `UNREGISTER ${question}\n`,
      env: environment,
    })),
  ]
}
