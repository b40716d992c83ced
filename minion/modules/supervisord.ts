/** Execution module `supervisord`: processes that supervisor runs. */
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { accountName, text } from '../../shared/schema/scalars.ts'
import { commandOf, optionsOf, parseStatus } from '../states/supervisord/supervisor.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const entries = {
  user: optional(accountName, 'User to run supervisorctl as.'),
  conf_file: optional(absolutePath, "supervisor's configuration."),
  bin_env: optional(absolutePath, 'supervisorctl, or a virtual environment that has it.'),
}
const named = { name: defaulted(text, 'all', 'The process, `group:*`, or `all`.'), ...entries }

const verb = (word: string, summary: string) =>
  changing(summary, `supervisord.${word} app`, named, async (given, { look, act }) => {
    if (/^-|\s/.test(given.name))
      throw new TsaltError('function-failed', {
        fun: `supervisord.${word}`,
        reason: `"${given.name}" is not a process`,
      })
    const argv = await commandOf(given, look, word, given.name)
    const { stdout, stderr } = await act.commands.run(argv, optionsOf(given))
    return (stdout || stderr).trim()
  })
const plain = (word: string, summary: string) =>
  changing(summary, `supervisord.${word}`, entries, async (given, { look, act }) => {
    const { stdout, stderr } = await act.commands.run(await commandOf(given, look, word), optionsOf(given))
    return (stdout || stderr).trim()
  })

export const supervisordModule = execModule({
  summary: 'Processes that supervisor runs.',
  functions: {
    status: asking(
      'Every process with its state.',
      'supervisord.status',
      entries,
      async (given, { look }) => {
        const { stdout } = await look.commands.query(await commandOf(given, look, 'status'), optionsOf(given))
        const reasons = new Map(
          stdout.split('\n').map((line) => [line.split(/\s+/)[0] ?? '', line.replace(/^\S+\s+\S+\s*/, '')]),
        )
        return Object.fromEntries(
          [...parseStatus(stdout)].map(([name, state]) => [name, { state, reason: reasons.get(name) ?? '' }]),
        )
      },
    ),
    start: verb('start', 'Starts a process.'),
    stop: verb('stop', 'Stops a process.'),
    restart: verb('restart', 'Restarts a process.'),
    add: verb('add', 'Adds a process that is new in the configuration.'),
    remove: verb('remove', 'Removes a process that is stopped.'),
    reread: plain('reread', 'Reads the configuration again, and changes nothing yet.'),
    update: plain('update', 'Reads the configuration again, and does what it says.'),
  },
})
