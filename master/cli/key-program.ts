/** `tsalt-key`: lists keys, compares fingerprints, accepts, rejects, deletes, revokes, and makes join tokens. */
import { type Dict, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type Fingerprint, formatFingerprint, parseFingerprint } from '../../shared/ids.ts'
import { durationWords, localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument, type OutputSettings } from '../../shared/output/format.ts'
import { type Paint, paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { KeyAction, KeyRow, PublicKey } from '../pki/key-service.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { keyListData, keyListLines, keyLists, statesOf } from './key-lists.ts'
import { type KeyOptions, type KeyTask, parseKey } from './key-options.ts'
import type { MasterClient } from './master-client.ts'
import { type MasterOptions, withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'

interface KeySession {
  readonly client: MasterClient
  readonly console: Console
  readonly options: KeyOptions
  readonly settings: OutputSettings
  readonly paint: Paint
  write(text: string): void
}

interface KeysAnswer {
  readonly keys: readonly KeyRow[]
  readonly masterFingerprint: Fingerprint
}

type ActTask = KeyTask & { kind: 'act' }

export async function runTsaltKey(words: readonly string[], console: Console): Promise<number> {
  const { options, task } = parseKey(words, console)
  return withMaster(placeOf(options), console, (client) => runTask(client, console, options, task))
}

/** --token is a join token here. */
const placeOf = ({ token: _join, authToken, ...place }: KeyOptions): MasterOptions => ({
  ...place,
  ...(authToken === undefined ? {} : { token: authToken }),
})

async function runTask(
  client: MasterClient,
  console: Console,
  options: KeyOptions,
  task: KeyTask,
): Promise<number> {
  const color = options.outFile !== undefined ? options.forceColor : wantsColor(console, options)
  const output = openOutput(console, options)
  const settings: OutputSettings = {
    // It is how keys are shown without it, too.
    out: options.out === 'key' ? undefined : options.out,
    stateForm: 'short',
    stateVerbose: true,
    color,
    unicode: speaksUnicode(console.env),
    ...(options.outIndent === undefined ? {} : { indent: options.outIndent }),
  }
  const session: KeySession = {
    client,
    console,
    options,
    settings,
    paint: paintOf(color),
    write: (text) => output.write(text),
  }
  try {
    if (task.kind === 'list') return await list(session, task.states)
    if (task.kind === 'print') return await printKeys(session, task.match)
    if (task.kind === 'finger') return await fingers(session, task.match)
    return await (task.kind === 'token' ? makeToken(session) : act(session, task))
  } finally {
    output.close()
  }
}

async function list(session: KeySession, typed: string): Promise<number> {
  const states = statesOf(typed)
  const { keys } = await session.client.get<KeysAnswer>('/keys')
  if (isDocument(session.settings)) {
    session.write(formatValue(toValue(keyListData(keys, states)), session.settings))
  } else session.write(lines(keyListLines(keys, states, session.paint)))
  return 0
}

async function fingers(session: KeySession, match: string): Promise<number> {
  const { keys, masterFingerprint } = await session.client.get<KeysAnswer>('/keys')
  const own = match === '*' || match === 'master'
  const pattern = globPattern(match)
  const shown = match === 'master' ? [] : keys.filter(({ id }) => pattern.test(id))
  if (isDocument(session.settings)) {
    const data = toValue(keyListData(shown, statesOf('all'), true)) as Dict
    if (own) data.set('local', toValue({ master: masterFingerprint }))
    session.write(formatValue(data, session.settings))
    return 0
  }
  if (own) {
    session.write(`${session.paint('lightGreen', 'Local Keys:')}\n`)
    session.write(`${session.paint('green', 'master')}:  ${formatFingerprint(masterFingerprint)}\n`)
  }
  const states = keyLists
    .map(({ state }) => state)
    .filter((state) => shown.some((row) => row.state === state))
  session.write(lines(keyListLines(shown, states, session.paint, true)))
  if (!own && shown.length === 0) session.console.err(`No key matches '${match}'.\n`)
  return 0
}

async function printKeys(session: KeySession, match: string): Promise<number> {
  const { client, settings, paint } = session
  const query = new URLSearchParams({ match })
  const keys = await client.get<readonly PublicKey[]>(`/keys/public?${query}`)
  const lists = keyLists
    .map((list) => ({ list, rows: keys.filter(({ state }) => state === list.state) }))
    .filter(({ rows }) => rows.length > 0)
  if (isDocument(settings)) {
    const data = lists.map(
      ({ list, rows }) => [list.field, new Map(rows.map((row) => [row.id, row.publicKey]))] as const,
    )
    session.write(formatValue(toValue(new Map(data)), settings))
    return 0
  }
  for (const { list, rows } of lists) {
    session.write(`${paint(list.heading, list.title)}\n`)
    for (const { id, publicKey } of rows)
      session.write(`${paint(list.color, `${harmlessLine(id)}:`)}\n${publicKey}`)
  }
  if (keys.length === 0) session.console.err(`No key matches '${harmlessLine(match)}'.\n`)
  return 0
}

const words = {
  accept: { done: 'accepted', from: 'unaccepted' },
  reject: { done: 'rejected', from: 'unaccepted' },
  delete: { done: 'deleted', from: 'accepted, unaccepted, rejected, denied or revoked' },
  revoke: { done: 'revoked', from: 'accepted' },
} as const

async function act(session: KeySession, task: ActTask): Promise<number> {
  const { client, console, options } = session
  const request = requestOf(task, options)
  mustBeAllowed(task, options, console)
  const rows = await client.post<readonly KeyRow[]>('/keys/preview', request)
  if (rows.length === 0) {
    const which = request.fingerprint === undefined ? '' : ' with this fingerprint'
    session.write(
      `The key glob '${harmlessLine(task.match)}' does not match any ${words[task.action].from} keys${which}.\n`,
    )
    // Salt answers 0 here, and scripts rely on it; but a fingerprint that is not there is a refusal.
    return request.fingerprint === undefined ? 0 : 1
  }
  if (!options.yes && request.fingerprint === undefined && !(await confirmed(session, task, rows))) return 1
  // Exactly what was shown: a key that came since then is not in it.
  const done: KeyRow[] = []
  for (const row of rows) {
    const exact = {
      ...request,
      match: row.id,
      ...(task.action === 'accept' ? { fingerprint: row.fingerprint } : {}),
    }
    done.push(...(await client.post<readonly KeyRow[]>('/keys', exact)))
  }
  if (isDocument(session.settings)) {
    const data = toValue({ [words[task.action].done]: done.map(({ id }) => id) })
    session.write(formatValue(data, session.settings))
  } else session.write(lines(done.map(({ id }) => `Key for minion ${id} ${words[task.action].done}.`)))
  return 0
}

function requestOf(task: ActTask, options: KeyOptions): KeyAction {
  const all = options.includeAll
  return {
    action: task.action,
    match: task.match,
    ...(options.fingerprint === undefined ? {} : { fingerprint: parseFingerprint(options.fingerprint) }),
    ...(all || options.includeRejected ? { includeRejected: true } : {}),
    ...(all || options.includeDenied ? { includeDenied: true } : {}),
    ...(all || options.includeAccepted ? { includeAccepted: true } : {}),
  }
}

/** Whoever accepts has seen the fingerprint: on the screen, or in --fingerprint. */
function mustBeAllowed(task: ActTask, options: KeyOptions, console: Console): void {
  if (task.action !== 'accept' || options.fingerprint !== undefined) return
  if (!options.yes && console.inIsTerminal) return
  const id = /[*?[]/.test(task.match) ? 'ID' : task.match
  throw new TsaltError('key-fingerprint-needed', { id })
}

async function confirmed(session: KeySession, task: ActTask, rows: readonly KeyRow[]): Promise<boolean> {
  const { console, paint } = session
  const states = keyLists.map(({ state }) => state).filter((state) => rows.some((row) => row.state === state))
  console.err(`The following keys are going to be ${words[task.action].done}:\n`)
  console.err(lines(keyListLines(rows, states, paint, true)))
  const answer = await console.ask('Proceed? [n/Y] ')
  return answer !== undefined && (answer.trim() === '' || /^y/i.test(answer.trim()))
}

async function makeToken(session: KeySession): Promise<number> {
  const { client, console, options } = session
  const { token, expires } = await client.post<{ token: string; expires: number }>('/tokens', {
    idGlob: options.id,
    seconds: options.ttl,
    ...(options.host === undefined ? {} : { host: options.host }),
  })
  if (isDocument(session.settings)) {
    session.write(
      formatValue(
        toValue({ token, expires: new Date(expires).toISOString(), id: options.id }),
        session.settings,
      ),
    )
    return 0
  }
  session.write(`${token}\n`)
  if (options.quiet) return 0
  const who = options.id === '*' ? 'any id (narrow it with --id)' : `an id that matches ${options.id}`
  console.err(
    `\nGood for one minion with ${who}, until ${localTime(expires)} (${durationWords(options.ttl * 1000)}).\n` +
      'It is a secret. On the minion, as root:\n\n' +
      `  mkdir -p /etc/tsalt/minion.d && (umask 077; echo 'join_token: ${token}' > /etc/tsalt/minion.d/join.conf)\n` +
      '  systemctl restart tsalt-minion\n',
  )
  return 0
}

/** Salt's globs: `*`, `?`, `[a-z]`, `[!a-z]`. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^')
  try {
    return new RegExp(`^${source}$`)
  } catch {
    // An unclosed bracket stands for itself.
    return new RegExp(`^${glob.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
  }
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
