/** Execution module `cmd`: runs commands. Their purpose is the shell; nothing else in tsalt goes through one. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, environment, mapping, wholeList } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText, seconds, text } from '../../shared/schema/scalars.ts'
import type { CommandOptions, CommandResult } from '../system/reader.ts'
import { programs } from './cmd-programs.ts'
import { type Answer, execFunction, execModule, type ModuleContext } from './contract.ts'
import { shellWords } from './shell-words.ts'

/** Salt's names in Salt's order. */
const commandArguments = {
  cmd: needed(text, 'The command, for a shell.'),
  cwd: optional(text, 'Directory to run it in.'),
  stdin: optional(text, 'What it reads.'),
  runas: optional(text, 'User to run it as.'),
  group: optional(text, 'Group to run it as.'),
  shell: optional(text, 'Shell that gets it with -c.'),
  python_shell: optional(flag, 'False: split into words, no shell.'),
  env: optional(environment, 'Variables added to its environment.'),
  rstrip: defaulted(flag, true, 'Blanks and line breaks at the end of what it wrote are cut.'),
  umask: optional(text, 'Octal.'),
  timeout: optional(seconds, 'Seconds after which its process group is ended.'),
  ignore_retcode: defaulted(flag, false, 'A failure does not count as one.'),
  raise_err: defaulted(flag, false, 'A failure is an error, which ends a template.'),
  prepend_path: optional(text, 'Directories put before its PATH, with colons between them.'),
  success_retcodes: optional(wholeList, 'Exit codes beside 0 that are no failure.'),
  hide_output: defaulted(flag, false, 'Answers no output.'),
  output_loglevel: optional(anything, 'Accepted and not used: output is not logged.'),
  output_encoding: optional(anything, 'Accepted and not used: output is UTF-8.'),
  clean_env: optional(anything, 'Accepted and not used: the environment is clean.'),
  reset_system_locale: optional(anything, 'Accepted and not used: the locale is C.UTF-8.'),
  saltenv: optional(anything, 'Accepted and not used.'),
  use_vt: optional(anything, 'Accepted and not used.'),
}
const args = v.strictObject(commandArguments)
type CommandArguments = v.InferOutput<typeof args>

type RunArguments = Omit<CommandArguments, 'cmd'>

function optionsOf(given: RunArguments): CommandOptions {
  const path = given.prepend_path === undefined ? {} : { PATH: `${given.prepend_path}:${usualPath}` }
  return {
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    ...(given.runas === undefined ? {} : { runas: given.runas }),
    ...(given.group === undefined ? {} : { group: given.group }),
    ...(given.shell === undefined ? {} : { shell: given.shell }),
    ...(given.env === undefined && given.prepend_path === undefined
      ? {}
      : { env: { ...path, ...given.env } }),
    ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
    ...(given.umask === undefined ? {} : { umask: Number.parseInt(given.umask, 8) }),
    ...(given.timeout === undefined ? {} : { timeout: given.timeout * 1000 }),
  }
}

async function runCommand(given: CommandArguments, { act }: ModuleContext): Promise<CommandResult> {
  const command = given.python_shell === false ? shellWords(given.cmd) : given.cmd
  return judged(given.cmd, given, await act.commands.run(command, optionsOf(given)))
}

/** @throws TsaltError `command-failed` where `raise_err` wants that */
function judged(command: string, given: RunArguments, result: CommandResult): CommandResult {
  const code = given.success_retcodes?.includes(result.code) ? 0 : result.code
  if (given.raise_err && code !== 0)
    throw new TsaltError('command-failed', {
      command,
      code: result.code,
      said: joined(result).slice(-500),
    })
  return { ...result, code: given.ignore_retcode ? 0 : code }
}

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const stripped = (output: string, { rstrip, hide_output }: RunArguments): string =>
  hide_output ? '' : rstrip ? output.trimEnd() : output

/** Salt joins what a command wrote to both, with the last line break cut. */
function joined({ stdout, stderr, dropped }: CommandResult): string {
  const cut = dropped > 0 ? `[${dropped} bytes more were written than max_output allows, and dropped]` : ''
  return [stdout, stderr, cut]
    .map((part) => part.replace(/\n$/, ''))
    .filter((part) => part !== '')
    .join('\n')
}

const withCode = (ret: Answer['ret'], code: number): Answer => ({ ret, retcode: code, format: 'nested' })

/** A function that runs a command and answers one view of what came of it. */
function command(
  name: string,
  summary: string,
  examples: readonly string[],
  view: (result: CommandResult, given: CommandArguments) => Answer['ret'],
) {
  return execFunction({
    summary,
    args,
    examples: [`tsalt '*' cmd.${name} 'uptime'`, ...examples],
    readOnly: false,
    whileRendering: true,
    run: async (given, context) => {
      const result = await runCommand(given, context)
      return withCode(view(result, given), result.code)
    },
  })
}

const both = (result: CommandResult, given: CommandArguments): string => {
  const text = joined(result)
  return stripped(result.timedOut ? `${text}\nTimed out after ${given.timeout} seconds` : text, given)
}

const everything = (
  { code, stdout, stderr, pid, dropped }: CommandResult,
  given: RunArguments,
): Answer['ret'] => ({
  pid,
  retcode: code,
  stdout: stripped(stdout, given),
  stderr: stripped(stderr, given),
  dropped: dropped || undefined,
})

const { cmd: _, ...runArguments } = commandArguments
const scriptArguments = v.strictObject({
  source: needed(
    nonEmptyText,
    'The script: `salt://PATH`, or a path on the minion; words after it are arguments.',
  ),
  args: optional(text, 'Arguments of the script, as a shell reads them.'),
  ...runArguments,
  saltenv: defaulted(text, 'base', 'Environment of the tree.'),
  template: optional(text, 'Render the script with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
})

async function runScript(
  given: v.InferOutput<typeof scriptArguments>,
  { look, act, job, config }: ModuleContext,
): Promise<CommandResult> {
  // Loaded with the first script: a daemon at rest does without.
  const { runScriptText } = await import('../states/cmd/run-script.ts')
  const { variablesOf } = await import('../states/file/render-source.ts')
  const [url = '', ...words] = given.source.split(' ')
  const { content } = await look.sources.fetch(url, given.saltenv)
  const raw = Buffer.from(content).toString('utf8')
  const source = { text: raw, name: url, environment: given.saltenv, sls: '' }
  const rendered =
    given.template === undefined
      ? raw
      : await look.sources.render(given.template, source, variablesOf([given.defaults, given.context]))
  const folder = String(config.get('cachedir') ?? '/var/cache/tsalt/minion')
  const script = { id: job.jid, text: rendered, parameters: given.args ?? words.join(' '), folder }
  return judged(given.source, given, await runScriptText(script, given, optionsOf(given), act))
}

const scriptCall = {
  args: scriptArguments,
  readOnly: false,
  whileRendering: true,
} as const

const program = v.strictObject({ cmd: needed(text, 'Name of the program.') })

export const cmdModule = execModule({
  summary: 'Runs commands on a minion.',
  functions: {
    ...programs,
    run: command(
      'run',
      'Runs a command and answers what it wrote.',
      ["tsalt web1 cmd.run 'ls -l' cwd=/srv runas=www-data"],
      both,
    ),
    shell: command('shell', 'Runs a command in a shell and answers what it wrote.', [], both),
    run_all: command(
      'run_all',
      'Runs a command and answers its output, errors, exit code and process id.',
      [],
      everything,
    ),
    run_stdout: command('run_stdout', 'Runs a command and answers only its output.', [], (result, given) =>
      stripped(result.stdout, given),
    ),
    run_stderr: command(
      'run_stderr',
      'Runs a command and answers only what it wrote as errors.',
      [],
      (result, given) => stripped(result.stderr, given),
    ),
    retcode: command(
      'retcode',
      'Runs a command and answers only its exit code.',
      ["tsalt '*' cmd.retcode 'test -e /etc/debian_version'"],
      ({ code }) => code,
    ),
    script: execFunction({
      ...scriptCall,
      summary: 'Runs a script of the tree and answers its output, errors, exit code and process id.',
      examples: ["tsalt '*' cmd.script salt://tools/check.sh args='--all'"],
      run: async (given, context) => {
        const result = await runScript(given, context)
        return withCode(everything(result, given), result.code)
      },
    }),
    script_retcode: execFunction({
      ...scriptCall,
      summary: 'Runs a script of the tree and answers only its exit code.',
      examples: ["tsalt '*' cmd.script_retcode salt://tools/check.sh"],
      run: async (given, context) => {
        const { code } = await runScript(given, context)
        return withCode(code, code)
      },
    }),
    which: execFunction({
      summary: 'Path of a program.',
      args: program,
      examples: ["tsalt '*' cmd.which nginx"],
      readOnly: true,
      run: async ({ cmd }, { look }) => (await look.commands.which(cmd)) ?? null,
    }),
    has_exec: execFunction({
      summary: 'True where the program is in the PATH.',
      args: program,
      examples: ["tsalt '*' cmd.has_exec nginx"],
      readOnly: true,
      run: async ({ cmd }, { look }) => (await look.commands.which(cmd)) !== undefined,
    }),
  },
})
