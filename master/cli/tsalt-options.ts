/** The options of `tsalt`, typed; the help is made of what stands here. */
import { Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import type { TargetKind } from '../../shared/targeting/target.ts'
import type { Target } from '../api/schemas.ts'
import { addLaterOptions, newCommand, noParseOption, parseWords, seconds } from './command-line.ts'
import type { Console } from './console.ts'
import { laterOptions } from './later-options.ts'
import { addLoginOptions, addReachOptions, type LoginOptions, type ReachOptions } from './network-options.ts'
import { addReportingOptions, type ReportingOptions, timeoutOption } from './reporting-options.ts'
import { addRolloutOptions, type RolloutOptions } from './rollout-options.ts'
import { usualSeparator } from './several-words.ts'

export interface TsaltOptions extends ReachOptions, LoginOptions, ReportingOptions, RolloutOptions {
  list: boolean
  grain: boolean
  pcre: boolean
  grainPcre: boolean
  pillar: boolean
  pillarPcre: boolean
  ipcidr: boolean
  nodegroup: boolean
  compound: boolean
  subset?: number
  delimiter?: string
  async: boolean
  showJid: boolean
  previewTarget: boolean
  expiry?: number
  jid?: string
  doc: boolean
  saltCompat: boolean
  /** JSON or YAML of a mapping. */
  metadata?: string
  argsStdin: boolean
  noParse?: readonly string[]
  configDump: boolean
  maxTime?: number
  now: boolean
  argsSeparator: string
}

/** Salt's flags, none of which takes a value: the target is the first word. */
const targetFlags: readonly {
  readonly name: KeysMatching<TsaltOptions, boolean>
  readonly kind: TargetKind
  readonly flags: string
  readonly meaning: string
}[] = [
  { name: 'list', kind: 'list', flags: '-L, --list', meaning: 'the target is a list of ids: web1,web2' },
  { name: 'pcre', kind: 'pcre', flags: '-E, --pcre', meaning: "a regular expression over ids: 'web[0-9]+'" },
  { name: 'grain', kind: 'grain', flags: '-G, --grain', meaning: "a grain and a glob: 'os:Debian'" },
  {
    name: 'grainPcre',
    kind: 'grain_pcre',
    flags: '-P, --grain-pcre',
    meaning: "a grain and a regular expression: 'os:(Debian|Ubuntu)'",
  },
  { name: 'pillar', kind: 'pillar', flags: '-I, --pillar', meaning: "a pillar value: 'role:web*'" },
  {
    name: 'pillarPcre',
    kind: 'pillar_pcre',
    flags: '-J, --pillar-pcre',
    meaning: "a pillar value by regular expression: 'role:^web'",
  },
  { name: 'ipcidr', kind: 'ipcidr', flags: '-S, --ipcidr', meaning: 'an address or network: 10.1.0.0/16' },
  {
    name: 'nodegroup',
    kind: 'nodegroup',
    flags: '-N, --nodegroup',
    meaning: "a group of the master's nodegroups",
  },
  {
    name: 'compound',
    kind: 'compound',
    flags: '-C, --compound',
    meaning: "all of them: 'G@os:Debian and ( web* or L@db1,db2 ) and not I@level:staging'",
  },
]

type KeysMatching<Of, Wanted> = {
  [Key in keyof Of]-?: Of[Key] extends Wanted ? Key : never
}[keyof Of]

const examples = `
Examples:
  tsalt '*' test.ping                         who answers?
  tsalt -L web1,db1 cmd.run 'uptime'          a command on two minions
  tsalt -G 'os:Debian' pkg.version nginx      by a grain
  tsalt -C 'G@os:Debian and not web*' test.ping --preview-target
  tsalt 'web*' state.highstate --canary 1 --steps 10%,50%,100% --gate http://localhost/health
  tsalt state.highstate test=True             what would change, on the default_target
  tsalt 'web*' state.apply nginx              one SLS
  tsalt '*' grains.items --out json --static  for jq
  tsalt '*' cmd.run,test.ping,test.echo uptime , , foo   several functions, one after another

Jobs:
  tsalt jobs list                    the last jobs (tsalt jobs --help: only some of them)
  tsalt jobs show JID                every target of a job and what it returned
  tsalt jobs attach JID              follow a job that was left
  tsalt jobs kill JID                end it, with all that it started
  tsalt jobs rerun JID [--failed]    the same once more

More (each has --help):
  tsalt rollout list | status JID    rollouts: pause, resume, abort, retry-failed
  tsalt events                       what happens
  tsalt reactor list | test TAG      what is done about it
  tsalt login NAME --api URL         without root, by the rules; also: logout, session
  tsalt auth check NAME FUN TARGET   operators, their tokens, and what the rules say
  tsalt audit list | verify          privileged acts and refusals
  tsalt doctor                       loose secrets, ending certificates, clocks that differ
  tsalt migrate check FOLDER         what of a Salt tree is not supported
  tsalt key …, tsalt run …           as tsalt-key, tsalt-run
Put -- before arguments that begin with "-".

Exit codes: 0 fine; 1 something failed; 2 no return or no match; 64 wrong usage; and where nothing failed
69 some targets offline, 75 connection lost, 130 cancelled or left.`

/** @throws Finished after help, version and usage errors; TsaltError of option values */
export function parseTsalt(
  words: readonly string[],
  console: Console,
): { options: TsaltOptions; words: string[] } {
  const command = newCommand(
    'tsalt',
    "[options] ['<target>'] <module.function> [arguments] [key=value]",
    'Runs a function on minions and shows what each of them answers.',
    console,
  )
  command.argument('[words...]').optionsGroup('Target (default: a glob over ids):')
  for (const { flags, meaning } of targetFlags) command.option(flags, meaning, false)
  command
    .option('--delimiter <sign>', 'separates the steps in -G -P -I -J (default: ":")')
    .addOption(
      new Option('--subset <number>', 'only so many of them, by chance; connected ones first').argParser(
        count,
      ),
    )
    .option('--preview-target', 'print which minions the target means, and run nothing', false)
    .optionsGroup('Waiting:')
    .addOption(timeoutOption())
    .addOption(
      new Option(
        '--max-time <time>',
        'minions end it with all its commands after 90, 10m, 1h; waiting for its turn does not count',
      ).argParser(seconds),
    )
    .option('--now', 'state runs: where another one runs, fail at once and do not wait for its end', false)
    .addOption(
      new Option('--expiry <time>', 'give up on offline minions after 90s, 10m, 1h, 2d').argParser(seconds),
    )
    .option('--async', 'print the job id and do not wait', false)
    .option('--jid <jid>', 'use this job id; a second submission of it does nothing')
  addRolloutOptions(command)
  command
    .optionsGroup('Several functions:')
    .option('--args-separator <sign>', 'stands between the arguments of two functions', usualSeparator)
    .optionsGroup('States:')
    .option('--salt-compat', 'do as Salt does where tsalt does better, for this call of state.*', false)
  addReportingOptions(command)
    .option('--show-jid', 'print the job id', false)
    .option('-d, --doc', 'print the documentation of functions', false)
    .optionsGroup('Input and configuration:')
    .option('--args-stdin', 'further options and arguments are lines of standard input', false)
    .addOption(noParseOption())
    .option(
      '--metadata <mapping>',
      'kept with the job: jobs.list_jobs search_metadata=… finds it; JSON or YAML',
    )
    .option('--config-dump', 'print the configuration of the master, without secrets', false)
  addLoginOptions(addReachOptions(command))
  addLaterOptions(command, laterOptions)
  command.addHelpText('after', examples)
  parseWords(command, words)
  return { options: command.opts<TsaltOptions>(), words: command.args }
}

/** @returns undefined where no flag says so: a glob. @throws TsaltError `usage-wrong` for two kinds at once */
export function targetKindOf(options: TsaltOptions): TargetKind | undefined {
  const given = targetFlags.filter(({ name }) => options[name])
  if (given.length > 1) {
    const [first, second] = given.map(({ flags }) => flags.slice(0, 2))
    throw new TsaltError(
      'usage-wrong',
      { reason: `${first} and ${second} exclude each other` },
      { hint: "To combine them: -C 'G@os:Debian and E@web[0-9]+'" },
    )
  }
  return given[0]?.kind
}

/** @throws TsaltError `usage-wrong` */
export function targetOf(expression: string, options: TsaltOptions): Target {
  const { delimiter } = options
  if (delimiter !== undefined && [...delimiter].length !== 1) {
    throw new TsaltError('usage-wrong', { reason: 'The delimiter is one character' })
  }
  const kind = targetKindOf(options) ?? 'glob'
  return { kind, expression, ...(delimiter === undefined ? {} : { delimiter }) }
}

function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new TsaltError('usage-wrong', { reason: `"${text}" is no number of minions` })
}
