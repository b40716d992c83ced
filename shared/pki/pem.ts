/** PEM, strictly: one block of one kind with nothing but white space around it. */

/** @param label `CERTIFICATE` */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The DER of a text that is exactly one block. @throws Error where it is anything else */
export function fromPem(label: string, text: string): Buffer {
  if (text.length > 32 * 1024) throw new Error('longer than 32 KiB')
  const trimmed = text.trim()
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(end)) throw new Error(`not one ${label} in PEM`)
  const base64 = trimmed.slice(begin.length, -end.length).replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw new Error(`not one ${label} in PEM`)
  return Buffer.from(base64, 'base64')
}
