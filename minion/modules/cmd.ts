/** Execution module `cmd`: runs commands. Their purpose is the shell; nothing else in tsalt goes through one. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { environment } from '../../shared/schema/collections.ts'
import { flag, seconds, text } from '../../shared/schema/scalars.ts'
import type { CommandOptions, CommandResult } from '../system/reader.ts'
import { type Answer, execFunction, execModule, type ModuleContext } from './contract.ts'

const commandArguments = {
  cmd: needed(text, 'The command, for a shell.'),
  cwd: optional(text, 'Directory to run it in.'),
  runas: optional(text, 'User to run it as.'),
  shell: optional(text, 'Shell that gets it with -c.'),
  env: optional(environment, 'Variables added to its environment.'),
  stdin: optional(text, 'What it reads.'),
  umask: optional(text, 'Octal.'),
  timeout: optional(seconds, 'Seconds after which its process group is ended.'),
  python_shell: optional(flag, 'False: split into words, no shell.'),
}
const args = v.strictObject(commandArguments)
type CommandArguments = v.InferOutput<typeof args>

async function runCommand(given: CommandArguments, { act }: ModuleContext): Promise<CommandResult> {
  const options: CommandOptions = {
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    ...(given.runas === undefined ? {} : { runas: given.runas }),
    ...(given.shell === undefined ? {} : { shell: given.shell }),
    ...(given.env === undefined ? {} : { env: given.env }),
    ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
    ...(given.umask === undefined ? {} : { umask: Number.parseInt(given.umask, 8) }),
    ...(given.timeout === undefined ? {} : { timeout: given.timeout * 1000 }),
  }
  const command = given.python_shell === false ? given.cmd.trim().split(/\s+/) : given.cmd
  return act.commands.run(command, options)
}

/** Salt joins what a command wrote to both, with the last line break cut. */
function joined({ stdout, stderr, dropped }: CommandResult): string {
  const cut = dropped > 0 ? `[${dropped} bytes more were written than max_output allows, and dropped]` : ''
  return [stdout, stderr, cut]
    .map((part) => part.replace(/\n$/, ''))
    .filter((part) => part !== '')
    .join('\n')
}

const withCode = (ret: Answer['ret'], code: number): Answer => ({ ret, retcode: code, format: 'nested' })

export const cmdModule = execModule({
  summary: 'Runs commands on a minion.',
  functions: {
    run: execFunction({
      summary: 'Runs a command and answers what it wrote.',
      args: v.strictObject({
        ...commandArguments,
        ignore_retcode: defaulted(flag, false, 'A failure does not count as one.'),
      }),
      examples: ["tsalt '*' cmd.run 'uptime'", "tsalt web1 cmd.run 'ls -l' cwd=/srv runas=www-data"],
      readOnly: false,
      run: async ({ ignore_retcode, ...given }, context) => {
        const result = await runCommand(given, context)
        const text = result.timedOut
          ? `${joined(result)}\nTimed out after ${given.timeout} seconds`
          : joined(result)
        return withCode(text, ignore_retcode ? 0 : result.code)
      },
    }),
    run_all: execFunction({
      summary: 'Runs a command and answers its output, errors, exit code and process id.',
      args,
      examples: ["tsalt '*' cmd.run_all 'uptime'"],
      readOnly: false,
      run: async (given, context) => {
        const { code, stdout, stderr, pid, dropped } = await runCommand(given, context)
        const written = { stdout: stdout.replace(/\n$/, ''), stderr: stderr.replace(/\n$/, '') }
        return withCode({ pid, retcode: code, ...written, dropped: dropped || undefined }, code)
      },
    }),
    run_stdout: execFunction({
      summary: 'Runs a command and answers only its output.',
      args,
      examples: ["tsalt '*' cmd.run_stdout 'uptime'"],
      readOnly: false,
      run: async (given, context) => {
        const { code, stdout } = await runCommand(given, context)
        return withCode(stdout.replace(/\n$/, ''), code)
      },
    }),
    retcode: execFunction({
      summary: 'Runs a command and answers only its exit code.',
      args,
      examples: ["tsalt '*' cmd.retcode 'test -e /etc/debian_version'"],
      readOnly: false,
      run: async (given, context) => {
        const { code } = await runCommand(given, context)
        return withCode(code, code)
      },
    }),
    which: execFunction({
      summary: 'Path of a program.',
      args: v.strictObject({ cmd: needed(text, 'Name of the program.') }),
      examples: ["tsalt '*' cmd.which nginx"],
      readOnly: true,
      run: async ({ cmd }, { look }) => (await look.commands.which(cmd)) ?? null,
    }),
    has_exec: execFunction({
      summary: 'True where the program is in the PATH.',
      args: v.strictObject({ cmd: needed(text, 'Name of the program.') }),
      examples: ["tsalt '*' cmd.has_exec nginx"],
      readOnly: true,
      run: async ({ cmd }, { look }) => (await look.commands.which(cmd)) !== undefined,
    }),
  },
})
