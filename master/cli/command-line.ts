/** What the command lines have in common: commander set up for exit code 64, the options of output and of place. */
import { Command, CommanderError, Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import { type OutputName, outputNames } from '../../shared/output/format.ts'
import { harmless } from '../../shared/output/terminal-text.ts'
import { version } from '../../shared/version.ts'
import { versionsReport } from '../../shared/versions-report.ts'
import type { Console } from './console.ts'
import type { LaterOption } from './later-options.ts'
import { type LogFile, logLevels } from './log-file.ts'

export interface PlaceOptions {
  configDir?: string
  rootDir?: string
  logLevel: string
  logFile?: string
  logFileLevel?: string
}

export interface OutputOptions {
  out?: OutputName
  outFile?: string
  outFileAppend: boolean
  outIndent?: number
  color: boolean
  forceColor: boolean
}

/** Thrown where everything is said already (help, version, a usage error that commander wrote). */
export class Finished extends Error {
  readonly exitCode: number
  constructor(exitCode: number) {
    super('')
    this.exitCode = exitCode
  }
}

export function newCommand(name: string, usage: string, description: string, console: Console): Command {
  const command = new Command(name)
    .usage(usage)
    .description(description)
    .version(`${name} ${version}`, '--version', 'print the version')
    .option('-V, --versions-report', 'print the versions of tsalt, Node.js, libraries and the system')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError(`(${name} --help has all options)`)
    .configureHelp({
      helpWidth: Math.min(console.size().columns, 110),
      // Defaults and choices stand in the descriptions where they matter.
      optionDescription: (option) => option.description,
    })
    .configureOutput({
      writeOut: (text) => console.out(text),
      // Words of a command may come from a file (--args-stdin) and go into a terminal.
      writeErr: (text) => console.err(harmless(text.replace(/^error: /, 'ERROR: '))),
    })
    .exitOverride()
  command.on('option:versions-report', () => {
    console.out(versionsReport())
    throw new Finished(0)
  })
  const log: LogFile = {}
  const take = (key: keyof LogFile) => (value: string) => {
    log[key] = value
    console.logFile = log
  }
  command.on('option:log-file', take('path'))
  command.on('option:log-file-level', take('level'))
  command.on('option:log-level', take('terminalLevel'))
  return command
}

/** @throws Finished with 0 after help and version, with 64 after a usage error */
export function parseWords(command: Command, words: readonly string[]): void {
  try {
    command.parse(dashed(command, words), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw new Finished(error.exitCode === 0 ? 0 : 64)
    throw error
  }
}

/** Salt takes `--state_output` for `--state-output`, and so on; `--documentation` is `--doc`. */
function dashed(command: Command, words: readonly string[]): string[] {
  const end = words.indexOf('--')
  return words.map((word, at) => {
    const isBehind = end >= 0 && at > end
    if (word === '--documentation' && !isBehind) return '--doc'
    const match = isBehind ? null : /^(--[a-z]+(?:_[a-z]+)+)(=.*)?$/s.exec(word)
    const name = match?.[1]?.replaceAll('_', '-')
    const isKnown =
      name !== undefined && command.options.some(({ long, short }) => long === name || short === name)
    return isKnown ? name + (match?.[2] ?? '') : word
  })
}

export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option('--output, --out <form>', `form: ${outputNames.join(', ')}`).choices([...outputNames]),
    )
    .option('--output-file, --out-file <file>', 'write the output to a file')
    .option('--output-file-append, --out-file-append', 'to its end, and keep what it has', false)
    .addOption(
      new Option(
        '--output-indent, --out-indent <spaces>',
        'indentation of JSON; negative: one line',
      ).argParser(wholeNumber),
    )
    .addOption(new Option('--no-colour, --no-color', 'no colour (also: NO_COLOR in the environment)'))
    .addOption(new Option('--force-colour, --force-color', 'colour in pipes too').default(false))
}

/** @param logFlags `--log-level <level>` where -l means something else */
export function addPlaceOptions(command: Command, logFlags = '-l, --log-level <level>'): Command {
  return command
    .optionsGroup('Place:')
    .option('-c, --config-dir <folder>', 'folder with the configuration "master" (default: /etc/tsalt)')
    .option('--root-dir <folder>', 'every path is below this folder')
    .addOption(
      new Option(logFlags, 'warning; debug shows on stderr what is asked of the master')
        .choices(logLevels)
        .default('warning'),
    )
    .option('--log-file <file>', 'write what happens to the end of a file, too')
    .addOption(new Option('--log-file-level <level>', 'how much of it (default: as -l)').choices(logLevels))
}

export function noParseOption(): Option {
  const option = new Option(
    '--no-parse <names>',
    'values of these arguments (name=value) stay text: version,tag',
  ).argParser((text) => text.split(',').map((name) => name.trim()))
  // Of its name, commander thinks it the contrary of --parse.
  option.negate = false
  return option
}

export function addLaterOptions(command: Command, options: readonly LaterOption[]): void {
  for (const { flags, meaning, instead } of options) {
    const option = new Option(flags.replace(/<(\w+)>/, '[$1]'), meaning).hideHelp()
    command.addOption(option)
    command.on(`option:${option.name()}`, () => refuse(flags, meaning, instead))
  }
}

function refuse(flags: string, meaning: string, instead: string): never {
  throw new TsaltError('usage-option-later', { option: flags.replace(/ <\w+>$/, ''), meaning, instead })
}

export function wholeNumber(text: string): number {
  if (!/^-?\d{1,9}$/.test(text))
    throw new TsaltError('usage-wrong', { reason: `"${text}" is not a whole number` })
  return Number(text)
}

/** Seconds as `90`, `90s`, `10m` or `1h`. */
export function seconds(text: string): number {
  const match = /^(\d{1,7})([smhd]?)$/.exec(text)
  if (!match)
    throw new TsaltError('usage-wrong', { reason: `"${text}" is not a time, such as 30, 90s, 10m or 1h` })
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1
  return Number(match[1]) * unit
}

export function truth(text: string): boolean {
  if (/^(?:true|yes|on|1)$/i.test(text)) return true
  if (/^(?:false|no|off|0)$/i.test(text)) return false
  throw new TsaltError('usage-wrong', { reason: `"${text}" is neither True nor False` })
}
