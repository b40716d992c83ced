/** Execution module `key`: the minion's own key, for comparing it with what the master shows. */
import { join } from 'node:path'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { formatFingerprint } from '../../shared/ids.ts'
import { fingerprintOfCertificate, fingerprintOfKey } from '../../shared/pki/fingerprint.ts'
import { keyPairFromPem } from '../../shared/pki/key-pair.ts'
import { readSecretFile } from '../../shared/pki/secret-file.ts'
import { execFunction, execModule, type ModuleContext } from './contract.ts'

function ownFile({ config }: ModuleContext, name: string): { path: string; pem: string } {
  const path = join(String(config.get('pki_dir') ?? ''), name)
  const pem = readSecretFile(path)
  if (pem === undefined) throw new TsaltError('key-missing', { path })
  return { path, pem }
}

export const keyModule = execModule({
  summary: "The minion's own key, for comparing it with what the master shows.",
  functions: {
    finger: execFunction({
      summary: "SHA-256 fingerprint of the minion's key, as tsalt-key -f shows it on the master.",
      args: v.strictObject({}),
      examples: ["tsalt '*' key.finger", 'tsalt-call --local key.finger'],
      readOnly: true,
      run: async (_, context) => {
        const { path, pem } = ownFile(context, 'minion.key')
        return formatFingerprint(fingerprintOfKey(keyPairFromPem(pem, path).publicKey))
      },
    }),
    finger_master: execFunction({
      summary: 'SHA-256 fingerprint of the CA that the minion trusts, as tsalt-key -F master shows it.',
      args: v.strictObject({}),
      examples: ["tsalt '*' key.finger_master"],
      readOnly: true,
      run: async (_, context) =>
        formatFingerprint(fingerprintOfCertificate(ownFile(context, 'master-ca.crt').pem)),
    }),
  },
})
