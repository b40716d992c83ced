/** A small authority made by the states: its certificates fit each other, are recognised, and are made anew when they have to be. */
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { findState } from '../../../../../minion/states/catalog.ts'
import type { Decision, StateRun } from '../../../../../minion/states/contract.ts'
import { type Plain, toValue } from '../../../../../shared/data/value.ts'
import { parseArguments } from '../../../../../shared/run/arguments.ts'
import { FakeMachine } from '../../../../fake-machine/fake-machine.ts'

const machine = new FakeMachine({ files: { '/pki': { type: 'directory' } } })
const run: StateRun = { test: false, predicted: [], id: 'x', sls: 'x', environment: 'base' }

async function check(fun: string, name: string, given: Record<string, Plain>): Promise<Decision> {
  const definition = findState('x509', fun)
  if (!definition) throw new Error(fun)
  const args = new Map(Object.entries(given).map(([key, value]) => [key, toValue(value)]))
  const chunk = { state: 'x509', fun, name, args, globals: new Map(), place: undefined }
  const read = parseArguments(definition, chunk)
  if (!read.ok) throw read.errors[0]
  return definition.check(read.args as never, machine.reader, run)
}

async function managed(fun: string, name: string, given: Record<string, Plain>): Promise<string> {
  const decision = await check(fun, name, given)
  if (decision.kind !== 'drift') throw new Error(`${fun} ${name}: ${JSON.stringify(decision)}`)
  const applied = await decision.apply(machine.changer)
  expect(applied?.ok, applied?.comment).not.toBe(false)
  expect((await check(fun, name, given)).kind, 'a second run').toBe('in-sync')
  return Buffer.from(await machine.reader.files.read(name)).toString('utf8')
}

const authority = {
  signing_private_key: '/pki/ca.key',
  CN: 'ca.example.org',
  O: 'Example é',
  basicConstraints: 'critical CA:true, pathlen:0',
  keyUsage: 'critical cRLSign, keyCertSign',
  subjectKeyIdentifier: 'hash',
  days_valid: 3650,
}
const server = {
  signing_private_key: '/pki/ca.key',
  signing_cert: '/pki/ca.crt',
  private_key: '/pki/www.key',
  CN: 'www.example.org',
  subjectAltName: ['DNS:www.example.org', 'IP:10.0.0.1', 'IP:fd00::1'],
  extendedKeyUsage: 'serverAuth, clientAuth',
  authorityKeyIdentifier: 'keyid',
  days_valid: 100,
  days_remaining: 30,
}

describe.each(['rsa', 'ec', 'ed25519'])('an authority with a key of %s', (algo) => {
  test('signs what is asked for', async () => {
    for (const name of [
      '/pki/ca.key',
      '/pki/www.key',
      '/pki/ca.crt',
      '/pki/www.crt',
      '/pki/www.csr',
      '/pki/ca.crl',
    ])
      await machine.changer.files.remove(name)
    await managed('private_key_managed', '/pki/ca.key', { algo })
    await managed('private_key_managed', '/pki/www.key', { algo: 'ec', bits: 384 })
    const root = new X509Certificate(await managed('certificate_managed', '/pki/ca.crt', authority))
    expect([root.ca, root.subject, root.verify(root.publicKey)]).toEqual([
      true,
      'O=Example é\nCN=ca.example.org',
      true,
    ])
    const leaf = new X509Certificate(await managed('certificate_managed', '/pki/www.crt', server))
    expect([
      leaf.checkIssued(root),
      leaf.verify(root.publicKey),
      leaf.checkHost('www.example.org'),
      leaf.checkIP('fd00::1'),
    ]).toEqual([true, true, 'www.example.org', 'fd00::1'])
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    const other = await check('certificate_managed', '/pki/www.crt', { ...server, CN: 'other' })
    expect(other).toMatchObject({ kind: 'drift', changes: { reason: 'its subject is another one' } })
    expect(
      await check('certificate_managed', '/pki/www.crt', { ...server, days_valid: 400, days_remaining: 120 }),
    ).toMatchObject({
      kind: 'drift',
      changes: { reason: expect.stringMatching(/^it ends in \d+ days$/) },
    })
  })

  test('signs what a request asks for, and lists what is revoked', async () => {
    const request = { private_key: '/pki/www.key', CN: 'www.example.org', subjectAltName: 'DNS:a.example' }
    await managed('csr_managed', '/pki/www.csr', request)
    const { signing_private_key, signing_cert } = server
    const signer = { signing_private_key, signing_cert }
    await machine.changer.files.remove('/pki/www.crt')
    const leaf = new X509Certificate(
      await managed('certificate_managed', '/pki/www.crt', { ...signer, csr: '/pki/www.csr' }),
    )
    expect([leaf.subject, leaf.checkHost('a.example')]).toEqual(['CN=www.example.org', 'a.example'])
    const list = {
      ...signer,
      revoked: [{ certificate: '/pki/www.crt', reason: 'keyCompromise' }, { serial_number: 'D6D270D4' }],
    }
    await managed('crl_managed', '/pki/ca.crl', list)
    expect(await check('crl_managed', '/pki/ca.crl', { ...signer, revoked: [] })).toMatchObject({
      kind: 'drift',
      changes: { reason: 'other certificates are revoked' },
    })
  })
})
