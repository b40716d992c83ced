/** Functions of `cmd` beside those that run a command line: code, programs in the background, which programs there are. */
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, environment, nameList, textList } from '../../shared/schema/collections.ts'
import { accountName, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { CommandResult } from '../system/reader.ts'
import type { ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const code = {
  lang: needed(nonEmptyText, 'The interpreter: `python3`, `bash`, `perl`.'),
  code: needed(anything, 'The code; lines of it as a list.'),
  args: optional(textList, 'Arguments.'),
}

async function runCode(
  given: { lang: string; code: unknown; args?: readonly string[] },
  { act, look, config, job }: ModuleContext,
): Promise<CommandResult> {
  const folder = String(config.get('cachedir') ?? '/var/cache/tsalt/minion')
  const path = `${folder}/code-${job.jid}`
  const lines = Array.isArray(given.code) ? given.code.map(String).join('\n') : String(given.code)
  const interpreter = await look.commands.which(given.lang)
  if (interpreter === undefined || given.lang.startsWith('-'))
    throw new TsaltError('function-failed', {
      fun: 'cmd.exec_code',
      reason: `there is no ${given.lang} here`,
    })
  if (!(await look.files.infoFollowed(folder)))
    await act.files.makeDirectory(folder, { parents: true, mode: 0o700 })
  await act.files.write(path, Buffer.from(`${lines}\n`), { mode: 0o600 })
  try {
    return await act.commands.run([interpreter, path, ...(given.args ?? [])])
  } finally {
    await act.files.remove(path)
  }
}

/** Out of the job's own group, so that it stays when the job ends; its number is all that is answered. */
const detached = 'setsid sh -c "$1" </dev/null >/dev/null 2>&1 & echo $!'

export const programs = {
  run_bg: changing(
    'Starts a command in the background and answers its process id.',
    "cmd.run_bg 'tail -f /var/log/syslog > /tmp/seen'",
    {
      cmd: needed(nonEmptyText, 'The command, for a shell.'),
      cwd: optional(text, 'Directory to run it in.'),
      runas: optional(accountName, 'User to run it as.'),
      env: optional(environment, 'Variables added to its environment.'),
    },
    async ({ cmd, ...options }, { act }) => {
      const {
        code: ended,
        stdout,
        stderr,
      } = await act.commands.run(['sh', '-c', detached, 'sh', cmd], options)
      if (ended !== 0) throw new TsaltError('function-failed', { fun: 'cmd.run_bg', reason: stderr.trim() })
      return { pid: Number(stdout.trim()) }
    },
    { whileRendering: true },
  ),
  exec_code: changing(
    'Runs code of a language and answers what it wrote.',
    'cmd.exec_code ruby \'puts "cheese"\'',
    code,
    async (given, context) => {
      const { stdout, stderr } = await runCode(given, context)
      return [stdout.trimEnd(), stderr.trimEnd()].filter((part) => part !== '').join('\n')
    },
  ),
  exec_code_all: changing(
    'Runs code of a language and answers output, errors and exit code.',
    "cmd.exec_code_all python3 'print(1)'",
    code,
    async (given, context) => {
      const { code: retcode, stdout, stderr, pid } = await runCode(given, context)
      return { pid, retcode, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
    },
  ),
  which_bin: asking(
    'Path of the first of several programs that there is.',
    "cmd.which_bin '[pip3, pip]'",
    { cmds: needed(nameList, 'Names.') },
    async ({ cmds }, { look }) => {
      for (const cmd of cmds) {
        const path = await look.commands.which(cmd)
        if (path !== undefined) return path
      }
      return null
    },
  ),
  shells: asking('Shells that accounts may have.', 'cmd.shells', {}, async (_, { look }) => {
    if (!(await look.files.infoFollowed('/etc/shells'))) return []
    const lines = Buffer.from(await look.files.read('/etc/shells'))
      .toString('utf8')
      .split('\n')
    return lines.map((line) => line.trim()).filter((line) => line.startsWith('/'))
  }),
  tty: changing(
    'Writes a line on a terminal.',
    "cmd.tty tty0 'This is a test'",
    { device: needed(nonEmptyText, '`tty1`, `pts3`.'), echo: defaulted(text, '', 'The line.') },
    async ({ device, echo }, { act }) => {
      const path = /^(?:tty\d+|pts\/?\d+)$/.test(device)
        ? `/dev/${device.replace(/^pts(\d)/, 'pts/$1')}`
        : undefined
      if (path === undefined) return { Error: 'The specified device is not a valid TTY' }
      const { code: ended } = await act.commands.run(['tee', path], { stdin: `${echo}\n`, undo: [] })
      return ended === 0
        ? { Success: `Message was successfully echoed to ${path}` }
        : { Error: 'Echoing to the TTY failed' }
    },
  ),
}
