/** x509.*: keys, requests and certificates in files. */
import { stateModule } from '../contract.ts'
import { certificateManaged } from './certificate.ts'
import { pemManaged } from './pem.ts'
import { privateKeyManaged } from './private-key.ts'
import { csrManaged } from './request.ts'
import { crlManaged } from './revocation-list.ts'

export const x509 = stateModule({
  summary: 'Private keys, requests, certificates and lists of revoked ones, in files.',
  functions: {
    private_key_managed: privateKeyManaged,
    csr_managed: csrManaged,
    certificate_managed: certificateManaged,
    crl_managed: crlManaged,
    pem_managed: pemManaged,
  },
})
