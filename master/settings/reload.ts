/** Reads the configuration again while the master runs: by a signal, or because somebody asks for it. */
import type { Logger } from 'pino'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import { type Audit, recordRefusal } from '../audit/audit-log.ts'
import type { Change, Settings } from './settings.ts'

export interface ReloadParts {
  readonly settings: Settings
  /** The options as they stand in the files now. @throws TsaltError of the configuration */
  readonly reread: () => MasterOptions
  readonly audit: Audit
  readonly logger: Logger
}

export type Reloaded = Pick<Change, 'taken' | 'atRestart'>

export interface Reload {
  /**
   * One after the other, where several ask at once.
   * @param by as in the audit log: `master` (a signal), `operator:root`
   * @throws TsaltError of the configuration: nothing has changed then, and the log says so
   */
  now(by: string): Promise<Reloaded>
  /** What it would come to, without doing it. @throws TsaltError of the configuration */
  rehearse(): Reloaded
}

export function makeReload({ settings, reread, audit, logger }: ReloadParts): Reload {
  let turn: Promise<unknown> = Promise.resolve()

  async function once(by: string): Promise<Reloaded> {
    const change = checked(by)
    const { taken, atRestart } = change
    const reason = taken.length === 0 ? 'nothing has changed' : taken.join(', ')
    audit.record({ actor: by, kind: 'config.reload', verdict: 'allowed', reason })
    await change.take()
    logger.info({ by, taken }, 'the configuration was read again')
    if (atRestart.length > 0)
      logger.warn({ options: atRestart }, 'these options have changed and hold after a restart only')
    return { taken, atRestart }
  }

  function checked(by: string): Change {
    try {
      return settings.prepare(reread())
    } catch (error) {
      const code = isTsaltError(error) ? error.code : 'internal'
      logger.error({ by, code, reason: describeError(error) }, 'the configuration was not taken over')
      recordRefusal(audit, logger, { actor: by, kind: 'config.reload', reason: code })
      throw error
    }
  }

  return {
    now(by) {
      const mine = turn.catch(() => undefined).then(() => once(by))
      turn = mine
      return mine
    },
    rehearse() {
      const { taken, atRestart } = settings.prepare(reread())
      return { taken, atRestart }
    },
  }
}
