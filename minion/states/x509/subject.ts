/** Names of subjects: `CN`, `O`, `OU` and the rest, in the order in which certificates have them. */
import { type Node, oid, printable, sequence, set, utf8 } from '../../../shared/pki/der.ts'

/** Argument → OID, in order. */
export const nameParts = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  street: '2.5.4.9',
  postalCode: '2.5.4.17',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  GN: '2.5.4.42',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  T: '2.5.4.12',
  title: '2.5.4.12',
  CN: '2.5.4.3',
  Email: '1.2.840.113549.1.9.1',
  emailAddress: '1.2.840.113549.1.9.1',
} as const

export function subjectNode(given: Readonly<Record<string, unknown>>): Node {
  const parts = Object.entries(nameParts).flatMap(([key, id]) => {
    const value = given[key]
    if (typeof value !== 'string') return []
    return [set(sequence(oid(id), key === 'C' || key === 'SERIALNUMBER' ? printable(value) : utf8(value)))]
  })
  return sequence(...parts)
}
