/**
 * psql: the one way to a PostgreSQL server. SQL is told it by standard input, whom to call and with which password by
 * the environment, so that nothing is seen in the list of processes and no value is taken for an option.
 */
import type { Dict, Plain } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { given } from '../../states/given.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { CommandResult, Reader } from '../../system/reader.ts'
import { type Settings, settingsOf } from '../settings.ts'

/** How a state or function names the server: Salt's arguments; `user` is the account that runs psql. */
export interface PostgresCaller {
  readonly user?: string
  readonly maintenance_db?: string
  readonly db_user?: string
  readonly db_password?: string
  readonly db_host?: string
  readonly db_port?: number
}

/** No psqlrc, nothing but values, without line editing or a prompt for a password; the first error ends it. */
const flags = ['-XAtqnw', '-vON_ERROR_STOP=1']
const connectionFailed = 2
const longest = 3_600_000

export type Row = Readonly<Record<string, Plain>>

interface Connection {
  readonly runas: string | undefined
  readonly env: Readonly<Record<string, string>>
}

export class Postgres {
  readonly #caller: PostgresCaller
  readonly #look: Reader
  readonly #config: Dict | undefined
  readonly #settings: Settings

  /** @param config the minion's configuration */
  constructor(caller: PostgresCaller, look: Reader, config: Dict | undefined) {
    this.#caller = caller
    this.#look = look
    this.#config = config
    this.#settings = settingsOf(look, config)
  }

  /** The same server, another of its databases. */
  inDatabase(name: string): Postgres {
    return new Postgres({ ...this.#caller, maintenance_db: name }, this.#look, this.#config)
  }

  get database(): string {
    return this.#caller.maintenance_db ?? this.#settings('postgres.maintenance_db') ?? 'postgres'
  }

  /**
   * What a SELECT answers.
   * @param label what is asked for, in a few letters; it begins the SQL, where a log of the server shows it
   * @throws TsaltError `database-…`
   */
  async rows(label: string, query: string): Promise<Row[]> {
    const sql = `/* ${label} */ SELECT coalesce(json_agg(answer), '[]') FROM (${query}) AS answer;\n`
    const answer = await this.text(sql)
    try {
      return JSON.parse(answer) as Row[]
    } catch (error) {
      const begins = JSON.stringify(answer.slice(0, 60))
      const reason = `what psql printed is no answer to what was asked (${label}): ${begins}`
      throw new TsaltError(
        'database-refused',
        { server: 'PostgreSQL', place: this.#place(), reason },
        { cause: error },
      )
    }
  }

  /** What SQL that changes nothing prints. @throws TsaltError `database-…` */
  async text(sql: string): Promise<string> {
    const program = await this.#program()
    const { runas, env } = this.#connection()
    const options = { ...given({ runas }), env, stdin: sql, timeout: longest, maxOutput: 64 * 1_048_576 }
    return this.#answer(await this.#look.commands.query([program, ...flags], options))
  }

  /**
   * Runs SQL that changes something.
   * @param undo what takes it back; a text: why nothing does
   * @throws TsaltError `database-…`
   */
  async change(act: Changer, sql: string, undo: readonly UndoStep[] | string): Promise<string> {
    const program = await this.#program()
    const { runas, env } = this.#connection()
    const back = typeof undo === 'string' ? { lost: undo } : { undo }
    const options = {
      ...given({ runas }),
      ...back,
      told: `psql: ${withoutSecrets(sql)}`,
      env,
      stdin: `${sql}\n`,
      timeout: longest,
    }
    return this.#answer(await act.commands.run([program, ...flags], options))
  }

  /** SQL as a step of an undo. */
  step(sql: string): UndoStep {
    const { runas, env } = this.#connection()
    return { argv: ['psql', ...flags], ...given({ runas }), env, stdin: `${sql}\n` }
  }

  async #program(): Promise<string> {
    const folder = this.#settings('postgres.bins_dir')
    const path = folder === undefined ? 'psql' : `${folder.replace(/\/$/, '')}/psql`
    if (folder !== undefined && (await this.#look.files.infoFollowed(path))) return path
    if ((await this.#look.commands.which('psql')) !== undefined) return 'psql'
    throw new TsaltError('database-program-missing', { program: 'psql', package: 'postgresql-client' })
  }

  /** Through the local socket psql runs as the server's own account, which it trusts. */
  #connection(): Connection {
    const { user, db_user, db_password, db_host, db_port } = this.#caller
    const host = db_host ?? this.#settings('postgres.host')
    const isLocal = host === undefined || host.startsWith('/')
    const variables = given({
      PGHOST: host,
      PGPORT: db_port === undefined ? this.#settings('postgres.port') : String(db_port),
      PGUSER: db_user ?? this.#settings('postgres.user'),
      PGPASSWORD: db_password ?? this.#settings('postgres.pass'),
      PGDATABASE: this.database,
    })
    const plain = { PGCLIENTENCODING: 'UTF8', PGCONNECT_TIMEOUT: '15', LC_ALL: 'C.UTF-8' }
    return { runas: user ?? (isLocal ? 'postgres' : undefined), env: { ...plain, ...variables } }
  }

  #place(): string {
    const { PGHOST = 'its socket', PGPORT } = this.#connection().env
    return PGPORT === undefined ? PGHOST : `${PGHOST}:${PGPORT}`
  }

  #answer({ code, stdout, stderr, timedOut }: CommandResult): string {
    if (code === 0) return stdout
    const reason = timedOut ? 'no answer in an hour' : complaint(stderr)
    const place = this.#place()
    const error = code === connectionFailed ? 'database-unreachable' : 'database-refused'
    throw new TsaltError(error, { server: 'PostgreSQL', place, reason })
  }
}

/** SQL as an undo names it. */
const withoutSecrets = (sql: string): string =>
  sql.replace(/\bPASSWORD\s+E?'(?:[^']|'')*'/g, "PASSWORD '…'").replace(/^BEGIN;\n|\nCOMMIT;$/g, '')

/** Without the line of SQL that psql quotes, which may hold a password. */
function complaint(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:LINE \d+:|\s+\^|(?:NOTICE|WARNING):)/.test(line))
    .map((line) => line.replace(/^psql:(?:<stdin>:\d+:)?\s*/, '').replace(/^(?:ERROR|FATAL|error):\s+/, ''))
  return lines.join('; ') || 'it does not say why'
}
