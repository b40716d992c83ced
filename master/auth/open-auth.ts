/** Who may log in, and who may do what: put together for server.ts. */
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { type Audit, recordRefusal } from '../audit/audit-log.ts'
import { nodegroupsOf } from '../pillar/open-pillars.ts'
import type { Authority } from '../pki/authority.ts'
import type { MasterSetup, Stops } from '../setup.ts'
import type { Store } from '../store/store.ts'
import type { Access } from './access.ts'
import { type Authenticator, openAuthenticator } from './authenticator.ts'
import type { Targeting } from './covered-minions.ts'
import { openDirectory } from './directory.ts'
import { OperatorDesk } from './operator-desk.ts'
import type { PamPlace } from './pam.ts'
import { makeRuleAccess } from './rule-access.ts'
import { readRules } from './rules/read-rules.ts'
import { openSystemAccounts } from './system-accounts.ts'

export interface Auth {
  readonly access: Access
  readonly authenticator: Authenticator
  readonly operators: OperatorDesk
}

interface OnWhat {
  readonly store: Pick<Store, 'operators'>
  readonly audit: Audit
  readonly targeting: Targeting
  readonly authority: Pick<Authority, 'issue' | 'text'>
  readonly stops: Stops
}

const pamPlace = ({ pam_socket: socket, pam_service: service }: MasterOptions): PamPlace | undefined =>
  socket === '' ? undefined : { socket, service }

const hour = 3_600_000
/** What has ended is remembered for a week, for whoever looks at the list. */
const memory = 7 * 86_400_000

/** @throws TsaltError `access-rule-invalid` */
export async function openAuth(
  { options, clock, logger, settings }: MasterSetup,
  { store: { operators: store }, audit, targeting, authority, stops }: OnWhat,
): Promise<Auth> {
  const directory = await openDirectory(store, openSystemAccounts(clock))
  let rules = readRules(options, nodegroupsOf(options))
  settings.follow((next) => {
    const read = readRules(next, nodegroupsOf(next))
    return () => {
      rules = read
    }
  })
  const access = makeRuleAccess({
    rules: () => rules,
    directory,
    targeting,
    refused: ({ name }, act, reason) =>
      recordRefusal(audit, logger, { actor: `operator:${name}`, kind: 'access', subject: act, reason }),
  })
  const authenticator = openAuthenticator({
    store,
    directory,
    access,
    audit,
    clock,
    log: logger,
    pam: () => pamPlace(options),
    tokenLife: () => options.token_expire,
  })
  const operators = new OperatorDesk({ store, directory, access, authority, audit, clock })
  const forget = (): void => {
    authenticator.endOfGone().catch((error: unknown) => {
      logger.warn({ err: error }, 'the accounts of those who are logged in could not be looked at')
    })
    store.forget(clock.now() - memory).catch((error: unknown) => {
      // A full disk: what is old stays for another hour.
      logger.warn({ err: error }, 'old logins could not be forgotten')
    })
  }
  forget()
  const timer = setInterval(forget, hour)
  timer.unref()
  stops.push(() => clearInterval(timer))
  return { access, authenticator, operators }
}
