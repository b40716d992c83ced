/** `tsalt audit`: who did what, who was refused, and whether the log is whole. Reads the file itself, as root, or asks the API. */
import { accessSync, constants } from 'node:fs'

import { Option } from 'commander'
import { loadOptions } from '../../shared/config/load.ts'
import { masterOptions } from '../../shared/config/master-options.ts'
import { toValue } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { formatValue, isDocument } from '../../shared/output/format.ts'
import { paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import { verifyAudit, type WrittenEntry } from '../audit/verify-audit.ts'
import { lastEntries } from '../audit/wanted-entries.ts'
import { answerSettings } from './answer-settings.ts'
import {
  addOutputOptions,
  newCommand,
  type OutputOptions,
  type PlaceOptions,
  parseWords,
  seconds,
  wholeNumber,
} from './command-line.ts'
import type { Console } from './console.ts'
import { addReachOptions, type ReachOptions } from './network-options.ts'
import { asksForApi, withMaster } from './open-master.ts'
import { openOutput } from './output-file.ts'
import { configFileOf } from './socket-path.ts'

interface AuditOptions extends ReachOptions, OutputOptions {
  readonly actor?: string
  readonly kind?: string
  readonly subject?: string
  readonly refused: boolean
  readonly allowed: boolean
  readonly since?: string
  readonly count: number
  readonly head?: string
  readonly file?: string
}

const examples = `
Examples:
  tsalt audit list                              the last 50 entries
  tsalt audit list --refused --since 1d
  tsalt audit list --actor 'operator:alice' --kind 'job.*' --count 500
  tsalt audit verify                            every line continues the one before
  tsalt audit verify --head HASH                and the line is still there that was the last one then

Exit codes: 0 fine, 1 the chain is broken or the line of --head is gone, 66 the file cannot be read.`

export async function runAudit(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt audit',
    'list | verify',
    'The audit log of the master.',
    console,
  ).argument('[words...]')
  command
    .option('--actor <glob>', 'operator:alice, minion:web1, address:10.0.0.7, master')
    .option('--kind <glob>', "job.submit, 'key.*', login, access …")
    .option('--subject <glob>', 'what it was about')
    .option('--refused', 'refusals only', false)
    .option('--allowed', 'what was done only', false)
    .option('--since <time>', '10m, 2h, 1d ago, or a date')
    .addOption(
      new Option('--count <number>', 'the last so many (default: 50)').argParser(wholeNumber).default(50),
    )
    .option('--head <hash>', 'of an earlier "verify"')
    .option('--file <file>', "another file than the configuration's audit_log")
  addReachOptions(addOutputOptions(command)).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<AuditOptions>()
  const [verb = 'list', ...more] = command.args
  if ((verb !== 'list' && verb !== 'verify') || more.length > 0)
    throw new TsaltError(
      'usage-wrong',
      { reason: `There is no "tsalt audit ${command.args.join(' ')}"` },
      { hint: 'tsalt audit list, or: verify' },
    )
  if (verb === 'list') return show(await entries(options, console), options, console)
  if (asksForApi(options, console)) throw onMasterAlone()
  return verify(options.file ?? fileOf(options), options, console)
}

const onMasterAlone = (): TsaltError =>
  new TsaltError(
    'usage-wrong',
    { reason: '"tsalt audit verify" reads the file of the audit log itself' },
    { hint: 'On the master, as root: tsalt audit verify' },
  )

/** Of the file, where this user may read it; else of the API, for those who may see it. */
async function entries(options: AuditOptions, console: Console): Promise<readonly WrittenEntry[]> {
  const { actor, kind, subject, since: moment, count } = options
  const since = moment === undefined ? undefined : momentOf(moment, console.clock.now())
  const verdict = options.refused ? 'refused' : options.allowed ? 'allowed' : undefined
  const wanted = { actor, kind, subject, verdict, since } as const
  const file = asksForApi(options, console) ? undefined : await ownFile(options, console)
  if (file !== undefined) return lastEntries(file, wanted, count)
  const query = new URLSearchParams({ limit: String(count) })
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) query.set(name, String(value))
  return withMaster(options, console, (client) => client.get<WrittenEntry[]>(`/audit?${query}`))
}

/** @returns undefined where it is not for this user, who is logged in elsewhere */
async function ownFile(options: AuditOptions, { env }: Console): Promise<string | undefined> {
  if (options.file !== undefined) return options.file
  const isNamed = options.configDir !== undefined || options.rootDir !== undefined
  try {
    const file = fileOf(options)
    accessSync(file, constants.R_OK)
    return file
  } catch (error) {
    const { readSession } = await import('./session-file.ts')
    if (!isNamed && readSession(env) !== undefined) return undefined
    if (isTsaltError(error)) throw error
    return fileOf(options)
  }
}

function fileOf({ configDir, rootDir }: PlaceOptions): string {
  const file = configFileOf({ configDir, rootDir })
  return loadOptions(masterOptions, file, { root_dir: rootDir }).audit_log
}

async function verify(file: string, options: AuditOptions, console: Console): Promise<number> {
  const report = await verifyAudit(file, options.head?.toLowerCase())
  const { lines, breaks, head, contains } = report
  const broken = breaks.length > 0 || contains === false
  const settings = answerSettings(console, options)
  if (isDocument(settings)) {
    const data = {
      file,
      lines,
      head,
      breaks: breaks.map((one) => ({ ...one })),
      ...(contains === undefined ? {} : { contains }),
    }
    console.out(formatValue(toValue(data), settings))
    return broken ? 1 : 0
  }
  for (const { line, what } of breaks) console.out(`${file}:${line}: this line ${what}.\n`)
  if (contains === false)
    console.out(`${file}: no line has the hash of --head: the end was cut off, or it was edited.\n`)
  if (!broken) console.out(`${file}: ${lines} lines, each continues the one before.\n`)
  console.out(`head ${head}\n`)
  return broken ? 1 : 0
}

function show(found: readonly WrittenEntry[], options: AuditOptions, console: Console): number {
  const settings = answerSettings(console, options)
  const output = openOutput(console, options)
  if (isDocument(settings)) output.write(formatValue(toValue(found.map((entry) => ({ ...entry }))), settings))
  else if (found.length === 0) output.write('No entry fits.\n')
  else {
    const paint = paintOf(settings.color)
    for (const { time, actor, kind, verdict, subject, reason } of found) {
      const mark = verdict === 'refused' ? paint('red', 'refused') : paint('green', 'allowed')
      const rest = [subject, reason === undefined ? undefined : `(${reason})`].filter(
        (part) => part !== undefined,
      )
      output.write(`${time}  ${mark}  ${harmlessLine([actor, kind, ...rest].join('  '))}\n`)
    }
  }
  output.close()
  return 0
}

function momentOf(text: string, now: number): number {
  if (/^\d+[smhd]?$/.test(text)) return now - seconds(text) * 1000
  const moment = Date.parse(text)
  if (!Number.isNaN(moment)) return moment
  throw new TsaltError(
    'usage-wrong',
    { reason: `"${text}" is no moment` },
    { hint: '10m, 2h, 1d, or 2026-01-31' },
  )
}
