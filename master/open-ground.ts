/** What everything else of the master stands on: its lock, its audit log, its store, its keys. */
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { type Audit, openAuditLog } from './audit/audit-log.ts'
import { openAuthority } from './pki/authority.ts'
import { tokenMemory } from './pki/join-tokens.ts'
import { KeyChanges, type KeyDesk, renewalGrace } from './pki/key-desk.ts'
import { makePrivateFolder } from './private-folder.ts'
import type { MasterSetup, Stops } from './setup.ts'
import { keyMigrations, openKeyStore } from './store/sqlite/keys.ts'
import { takeOwnerLock } from './store/sqlite/owner-lock.ts'
import { openStore, type SqliteStore } from './store/sqlite/store.ts'

const hour = 3_600_000

export function openGround(
  { options, clock, logger }: MasterSetup,
  stops: Stops,
): { store: SqliteStore; audit: Audit } {
  const folder = dirname(options.store)
  makePrivateFolder(folder)
  const since = new Date(clock.now()).toISOString()
  const lock = takeOwnerLock(options.store, `process ${process.pid} on ${hostname()}, since ${since}`)
  stops.push(() => lock.release())
  const audit = openAuditLog(options.audit_log, clock)
  stops.push(() => audit.close())
  const store = openStore(options.store, [keyMigrations])
  stops.push(() => store.close())
  logger.debug({ store: options.store }, 'store is open')
  return { store, audit }
}

export function openDesk(
  { options, clock, logger }: MasterSetup,
  store: SqliteStore,
  audit: Audit,
  stops: Stops,
): KeyDesk {
  const desk: KeyDesk = {
    store: openKeyStore(store.database),
    authority: openAuthority(options.pki_dir, clock),
    audit,
    clock,
    logger,
    get certificateDays() {
      return options.certificate_days
    },
    get maxPending() {
      return options.max_pending
    },
    changes: new KeyChanges(),
  }
  desk.changes.watch({
    deleted: (id) => {
      store.minions.forget(id).catch((error: unknown) => {
        logger.error({ err: error, id }, 'could not forget a deleted minion')
      })
    },
  })
  const forget = (): void => {
    const now = clock.now()
    try {
      desk.store.forget({ certificates: now - renewalGrace, tokens: now - tokenMemory })
    } catch (error) {
      // A full disk: what is old stays for another hour.
      logger.warn({ err: error }, 'old certificates and tokens could not be forgotten')
    }
  }
  forget()
  const timer = setInterval(forget, hour)
  timer.unref()
  stops.push(() => clearInterval(timer))
  return desk
}
