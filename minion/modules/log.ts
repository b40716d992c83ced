/** Execution module `log`: lines for the minion's log. */
import type { Logger } from 'pino'
import { systemClock } from '../../shared/clock.ts'
import { toPlain, type Value } from '../../shared/data/value.ts'
import { needed } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking } from './define.ts'

/** Salt's words and the logger's own. */
const levels = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  exception: 'error',
} as const

let logger: Logger | undefined

/** Of the file that the configuration names; made with the first line. */
async function loggerOf({ config }: ModuleContext): Promise<Logger> {
  if (logger) return logger
  const { makeLogger } = await import('../../shared/log.ts')
  const to = String(config.get('log_file') ?? 'stderr')
  logger = makeLogger({ name: 'tsalt-minion', level: 'debug', to, clock: systemClock })
  return logger
}

function lineOf(message: Value): string {
  return typeof message === 'string' ? message : JSON.stringify(toPlain(message))
}

const line = (level: keyof typeof levels) =>
  asking(
    `A line of level ${level} in the log of the minion.`,
    `log.${level} 'Something happened'`,
    { message: needed(anything, 'The line.') },
    async (given, context) => {
      const log = await loggerOf(context)
      log[levels[level]]({ job: context.job.jid }, lineOf(given.message))
      return true
    },
  )

export const logModule = execModule({
  summary: "Lines for the minion's log.",
  functions: {
    debug: line('debug'),
    info: line('info'),
    warning: line('warning'),
    error: line('error'),
    critical: line('critical'),
    exception: line('exception'),
  },
})
