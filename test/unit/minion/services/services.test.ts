import { spawn } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callDaemon } from '../../../../minion/cli/local-client.ts'
import { readWords } from '../../../../minion/cli/words.ts'
import { serveLocalCalls } from '../../../../minion/services/local-server.ts'
import { mastersOf, rememberMaster } from '../../../../minion/services/masters.ts'
import { Pillars } from '../../../../minion/services/pillars.ts'
import { optsOf } from '../../../../minion/services/run-settings.ts'
import { lockState } from '../../../../minion/services/state-lock.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { minionOptions } from '../../../../shared/config/minion-options.ts'
import { placeOfValue } from '../../../../shared/data/provenance.ts'
import { type Dict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { overlay } from '../../../../shared/pillar/overlay.ts'
import { hidden, Redactor } from '../../../../shared/pillar/redactor.ts'
import { jid, silent } from '../jobs/jobs-fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-services-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const dict = (plain: Plain): Dict => toValue(plain) as Dict

describe('the lock', () => {
  test('is held by one living process, and taken over from a dead one', async () => {
    const sleeper = spawn('sleep', ['60'])
    const started = readFileSync(`/proc/${sleeper.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19]
    writeFileSync(join(folder, 'lock'), `${sleeper.pid} ${started}\n`)
    expect(() => lockState(folder)).toThrow(`runs already (pid ${sleeper.pid})`)
    const gone = new Promise((resolve) => sleeper.once('exit', resolve))
    sleeper.kill('SIGKILL')
    await gone
    const release = lockState(folder)
    expect(readlinkSync(join(folder, 'lock'))).toMatch(new RegExp(`^${process.pid} \\d+$`))
    release()
    expect(readdirSync(folder)).toEqual([])
  })

  test('of a process whose number was given to another is stale', () => {
    writeFileSync(join(folder, 'lock'), `1 12345678901\n`)
    lockState(folder)()
    writeFileSync(join(folder, 'lock'), '')
    lockState(folder)()
  })

  test('tells whether its last holder gave it back', () => {
    const told: string[] = []
    lockState(folder, () => told.push('first'))()
    lockState(folder, () => told.push('second'))
    rmSync(join(folder, 'lock'))
    symlinkSync('1 12345678901', join(folder, 'lock'))
    lockState(folder, () => told.push('third'))()
    expect(told).toEqual(['third'])
  })
})

describe('secrets', () => {
  const redactor = new Redactor()
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END KEY-----\n'
  redactor.learn(dict({ db: { password: `s3cret"'/&`, pin: '12' }, keys: [{ a: key }], user: 'admin' }), [
    'db',
    'keys',
  ])

  test.each([
    [`psql -p s3cret"'/& x`, `psql -p ${hidden} x`],
    [JSON.stringify({ p: `s3cret"'/&` }), `{"p":"${hidden}"}`],
    [`?p=${encodeURIComponent(`s3cret"'/&`)}`, `?p=${hidden}`],
    [`echo 's3cret"'\\''/&'`, `echo '${hidden}'`],
    [Buffer.from(`s3cret"'/&`).toString('base64'), `${hidden}==`],
    ['+MIIEvQIBADANBgkqhkiG9w0BAQ', `+${hidden}`],
    ['admin 12', 'admin 12'],
  ])('%s', (text, expected) => {
    expect(redactor.text(text)).toBe(expected)
    expect(redactor.json({ a: [text] })).toEqual({ a: [expected] })
  })
})

describe('the pillar', () => {
  test('of a command line wins, mapping by mapping', () => {
    const pillar = dict({ a: { b: 1, c: [1] }, d: 1 })
    expect(overlay(pillar, dict({ a: { b: 2 }, e: 3 }))).toEqual(dict({ a: { b: 2, c: [1] }, d: 1, e: 3 }))
    expect(pillar).toEqual(dict({ a: { b: 1, c: [1] }, d: 1 }))
    const merged = overlay(pillar, dict({ a: { b: 2 } }))
    expect(placeOfValue(merged.get('a'), 'b')?.file).toBe('pillar= of the command line')
    expect(placeOfValue(merged.get('a'), 'c')).toBeUndefined()
  })

  test('is compiled once for many who ask at once, and not held when it has errors', async () => {
    let fetched = 0
    let errors: string[] = ['broken']
    const source = { fetch: async () => ({ pillar: dict({ n: ++fetched }), errors, secrets: [] }) }
    const pillars = new Pillars({ source, grains: () => new Map(), environment: '', compiled: () => {} })
    await Promise.all([pillars.current(), pillars.current()])
    expect(fetched).toBe(1)
    expect(pillars.held.size).toBe(0)
    errors = []
    expect(await pillars.current()).toEqual(dict({ n: 2 }))
    await pillars.current()
    expect(fetched).toBe(2)
    await pillars.service.refresh()
    expect(pillars.held).toEqual(dict({ n: 3 }))
  })
})

describe('the masters', () => {
  const options = (more: Record<string, unknown> = {}) =>
    loadOptions(minionOptions, undefined, { root_dir: folder, ...more })
  const token = `tsalt1:10.0.0.1:4999:${'a'.repeat(64)}:${'b'.repeat(32)}`
  test('are those configured, else the one of the token, also later without the token', () => {
    expect(mastersOf(options())).toEqual([{ host: 'salt', port: 4510 }])
    expect(mastersOf(options({ join_token: token }))).toEqual([{ host: '10.0.0.1', port: 4999 }])
    rememberMaster(options(), { host: '10.0.0.1', port: 4999 })
    expect(mastersOf(options())).toEqual([{ host: '10.0.0.1', port: 4999 }])
    expect(mastersOf(options({ master: 'm1' }))).toEqual([{ host: 'm1', port: 4510 }])
  })
  test('the token is in no opts', () => {
    expect(optsOf(options({ join_token: token }), 'x', '/etc/tsalt').has('join_token')).toBe(false)
  })
})

describe('words', () => {
  const table = {
    local: { names: ['--local'], help: '' },
    out: { names: ['--out', '--output'], value: 'FORM', help: '' },
    level: { names: ['-l'], value: 'LEVEL', help: '' },
  }
  test.each([
    [['--local', 'test.ping'], { local: 'true' }, ['test.ping']],
    [['test.ping', '--out=json', '-l', 'debug'], { out: 'json', level: 'debug' }, ['test.ping']],
    [['f.g', '--x=1', '-q', 'a=-b', '--', '--local'], {}, ['f.g', '--x=1', '-q', 'a=-b', '--local']],
  ])('%j', (words, options, rest) => {
    expect(readWords(words, table)).toEqual({ options, rest })
  })
  test.each([[['--lokal', 'f.g']], [['--out']], [['--local=1']]])('%j is refused', (words) => {
    expect(() => readWords(words, table)).toThrow()
  })
})

describe('calls from this machine', () => {
  test('go over the socket, however long its path is, and are cancelled when the caller goes', async () => {
    const long = join(folder, 'a'.repeat(100))
    const { mkdirSync, statSync } = await import('node:fs')
    mkdirSync(long)
    const result = {
      jid: jid(1),
      fun: 'test.ping',
      outcome: 'done' as const,
      retcode: 0,
      success: true,
      format: 'nested' as const,
      ret: true,
      started: 1,
      duration: 1,
    }
    let cancelled = false
    const close = await serveLocalCalls({
      stateFolder: long,
      id: 'web1',
      log: silent,
      jobs: {
        call: async (call, signal, report) => {
          report({ jid: jid(1), phase: 'running', elapsed: 1 })
          if (call.fun !== 'test.sleep') return result
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          cancelled = true
          return result
        },
      },
    })
    expect(statSync(join(long, 'minion.sock')).mode & 0o777).toBe(0o600)
    const seen: unknown[] = []
    const never = new AbortController().signal
    const ping = { fun: 'test.ping', args: [], kwargs: {} }
    expect(await callDaemon(long, ping, (one) => seen.push(one.phase), never)).toEqual({ id: 'web1', result })
    expect(seen).toEqual(['running'])
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    await expect(callDaemon(long, { ...ping, fun: 'test.sleep' }, () => {}, stop.signal)).rejects.toThrow()
    for (let waited = 0; waited < 100 && !cancelled; waited++)
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(cancelled).toBe(true)
    await close()
    expect(await callDaemon(long, ping, () => {}, never)).toBeUndefined()
  })
})
