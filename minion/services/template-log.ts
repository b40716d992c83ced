/** What templates say to the minion's log. */
import type { Logger } from 'pino'

/** What a template says with `log.warning(…)`. Python's levels that pino does not have are its nearest. */
export function loggedFromTemplate(log: Logger, level: string, message: string): void {
  if (level === 'debug') log.debug(message)
  else if (level === 'info') log.info(message)
  else if (level === 'warning') log.warn(message)
  else log.error(message)
}
