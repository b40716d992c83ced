/** x509.pem_managed: PEM in a file, in its usual form. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { stateFunction } from '../contract.ts'
import { fileEntries, manage, pathArgument } from './managed-file.ts'

/** Blocks with lines of 64 digits, whatever happened to their lines on the way; undefined: there is none. */
export function plainPem(text: string): string | undefined {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)].map(
    ([, label = '', inside = '']) => {
      const [, headers = '', body = inside] =
        /^\s*((?:[A-Za-z-]+: [^\n]*\n)+)\s*\n([\s\S]*)$/.exec(inside) ?? []
      const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? []
      return `-----BEGIN ${label}-----\n${headers === '' ? '' : `${headers}\n`}${lines.join('\n')}\n-----END ${label}-----\n`
    },
  )
  return blocks.length === 0 ? undefined : blocks.join('')
}

export const pemManaged = stateFunction({
  summary: 'Makes sure that a file has just this PEM: a certificate, a key, a list of revoked ones.',
  args: v.strictObject({
    name: needed(pathArgument, 'The file.'),
    text: needed(nonEmptyText, 'The PEM; lines may have been joined.'),
    overwrite: optional(flag, 'Accepted for trees of Salt.'),
    ...fileEntries,
  }),
  examples: [
    "/etc/pki/ca.crt:\n  x509.pem_managed:\n    - text: '-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----'\n    - mode: '0644'\n",
  ],
  refuse: ({ text }) =>
    plainPem(text) === undefined ? { argument: 'text', reason: 'it is not PEM' } : undefined,
  check: (wanted, look) => {
    const text = plainPem(wanted.text) ?? ''
    return manage(
      {
        name: wanted.name,
        what: 'file',
        wanted,
        freshMode: /PRIVATE KEY/.test(text) ? 0o400 : 0o644,
        reason: (now) => (now === text ? undefined : 'it holds something else'),
        make: async () => text,
      },
      look,
    )
  },
})
