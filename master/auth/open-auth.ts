/** Who may log in, and who may do what: put together for server.ts. */
import type { Audit } from '../audit/audit-log.ts'
import type { MasterSetup } from '../setup.ts'
import type { Store } from '../store/store.ts'
import { type Access, closedAccess } from './access.ts'
import { type Authenticator, openAuthenticator } from './authenticator.ts'
import { type Directory, openDirectory } from './directory.ts'

export interface Auth {
  readonly access: Access
  readonly authenticator: Authenticator
  readonly directory: Directory
}

/** @throws TsaltError `access-rule-invalid` */
export async function openAuth(
  { options, clock, logger }: MasterSetup,
  { store, audit }: { readonly store: Store; readonly audit: Audit },
): Promise<Auth> {
  const directory = await openDirectory(store.operators)
  const access = closedAccess
  const { pam_socket: socket, pam_service: service } = options
  const authenticator = openAuthenticator({
    store: store.operators,
    directory,
    access,
    audit,
    clock,
    log: logger,
    pam: socket === '' ? undefined : { socket, service },
    tokenLife: options.token_expire,
  })
  return { access, authenticator, directory }
}
