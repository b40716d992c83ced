/**
 * The client of MySQL or MariaDB: the one way to such a server. SQL is told it by standard input and the password by
 * the environment, so that neither is seen in the list of processes.
 */
import type { Dict } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { given } from '../../states/given.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { CommandResult, Reader } from '../../system/reader.ts'
import { type Settings, settingsOf } from '../settings.ts'
import { type MysqlRow, parseRows } from './rows.ts'

/** How a state or function names the server: Salt's arguments. */
export interface MysqlCaller {
  readonly connection_host?: string
  readonly connection_port?: number
  readonly connection_user?: string
  readonly connection_pass?: string
  readonly connection_db?: string
  readonly connection_unix_socket?: string
  readonly connection_default_file?: string
  readonly connection_default_group?: string
  readonly connection_charset?: string
}

/**
 * binary-mode: no text of SQL is a command of the client (`\!` would be one for a shell). The first statement has
 * texts read as they are written here, whatever the server is set to.
 */
const flags = ['--batch', '--binary-mode', '--xml']
const ownMode = "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';\n"
const longest = 3_600_000
/** Too many connections, access denied, host not allowed; those of the client are from 2000 on. */
const lockedOut = new Set([1040, 1044, 1045, 1129, 1130, 1698])

export class Mysql {
  readonly #caller: MysqlCaller
  readonly #look: Reader
  readonly #settings: Settings

  /** @param config the minion's configuration */
  constructor(caller: MysqlCaller, look: Reader, config: Dict | undefined) {
    this.#caller = caller
    this.#look = look
    this.#settings = settingsOf(look, config)
  }

  /**
   * Rows that SQL answers which changes nothing.
   * @param label what is asked for, in a few letters
   * @throws TsaltError `database-…`
   */
  async rows(label: string, sql: string): Promise<MysqlRow[]> {
    return this.raw(`/* ${label} */ ${ownMode}${sql};\n`)
  }

  /** The same of SQL as somebody wrote it, which may end by itself. */
  async raw(sql: string, database?: string): Promise<MysqlRow[]> {
    const { argv, env } = await this.#call(database)
    const options = { env, stdin: sql, timeout: longest, maxOutput: 64 * 1_048_576 }
    return parseRows(this.#answer(await this.#look.commands.query(argv, options)))
  }

  /** Runs SQL that changes something. @param undo SQL that takes it back; a text: why nothing does */
  async change(act: Changer, sql: string, undo: readonly string[] | string): Promise<void> {
    const { argv, env } = await this.#call()
    const back = typeof undo === 'string' ? { lost: undo } : { undo: [await this.step(undo)] }
    const told = `mysql: ${withoutSecrets(sql)}`
    this.#answer(
      await act.commands.run(argv, { env, stdin: `${ownMode}${sql}\n`, told, timeout: longest, ...back }),
    )
  }

  /** SQL as somebody wrote it, which may change anything. */
  async changeRaw(act: Changer, sql: string, database?: string): Promise<MysqlRow[]> {
    const { argv, env } = await this.#call(database)
    const told = `mysql: ${withoutSecrets(sql)}`
    const lost = 'a query of the user ran'
    const options = { env, stdin: sql, told, lost, timeout: longest, maxOutput: 64 * 1_048_576 }
    return parseRows(this.#answer(await act.commands.run(argv, options)))
  }

  async step(statements: readonly string[]): Promise<UndoStep> {
    const { argv, env } = await this.#call()
    return { argv, env, stdin: `${ownMode}${statements.join('\n')}\n` }
  }

  async #call(
    database?: string,
  ): Promise<{ argv: readonly string[]; env: Readonly<Record<string, string>> }> {
    const { connection_pass, connection_port } = this.#caller
    const said = (value: string | undefined, setting: string): string | undefined =>
      value ?? this.#settings(setting)
    const word = (option: string, value: string | undefined): string[] =>
      value === undefined ? [] : [`--${option}=${value}`]
    const { connection_host, connection_user, connection_unix_socket, connection_default_file } = this.#caller
    const argv = [
      await this.#program(),
      // The client takes these at the first place only.
      ...word('defaults-extra-file', said(connection_default_file, 'mysql.default_file')),
      ...word('defaults-group-suffix', this.#caller.connection_default_group),
      ...flags,
      ...word('default-character-set', said(this.#caller.connection_charset, 'mysql.charset') ?? 'utf8mb4'),
      ...word('host', said(connection_host, 'mysql.host')),
      ...word('port', connection_port === undefined ? this.#settings('mysql.port') : String(connection_port)),
      ...word('socket', said(connection_unix_socket, 'mysql.unix_socket')),
      ...word('user', said(connection_user, 'mysql.user')),
      ...word('database', database ?? said(this.#caller.connection_db, 'mysql.db')),
    ]
    return { argv, env: given({ MYSQL_PWD: said(connection_pass, 'mysql.pass') }) }
  }

  async #program(): Promise<string> {
    for (const program of ['mysql', 'mariadb']) if (await this.#look.commands.which(program)) return program
    throw new TsaltError('database-program-missing', { program: 'mysql', package: 'mariadb-client' })
  }

  #answer({ code, stdout, stderr, timedOut }: CommandResult): string {
    if (code === 0) return stdout
    const complaint = /^ERROR (\d+) \([^)]*\)(?: at line \d+)?: (.*)$/ms.exec(stderr)
    const reason = timedOut ? 'no answer in an hour' : complaint ? `${complaint[2]?.trim()}` : stderr.trim()
    const number = Number(complaint?.[1] ?? 0)
    const isOutside = (number >= 2000 && number < 3000) || lockedOut.has(number)
    const place = this.#caller.connection_host ?? this.#settings('mysql.host') ?? 'its socket'
    throw new TsaltError(isOutside ? 'database-unreachable' : 'database-refused', {
      server: 'MySQL',
      place,
      reason: reason || `it ended with ${code}`,
    })
  }
}

/** SQL as an undo names it. */
const withoutSecrets = (sql: string): string =>
  sql.replace(/\bIDENTIFIED\b(?:'(?:[^'\\]|''|\\.)*'|[^';])*/g, 'IDENTIFIED …')
