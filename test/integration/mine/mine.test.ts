/** The mine of real minions: what one says is in a file that another renders, and goes with the key. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../../shared/data/codec.ts'
import { Daemon } from '../stage/daemon.ts'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage
let two: Daemon

const served = `upstream app {
{%- for id, address in salt['mine.get']('*', 'address') | dictsort %}
  server {{ address }}; # {{ id }}
{%- endfor %}
}
`

beforeAll(async () => {
  stage = await Stage.open({
    minion: `mine_functions:
  address: [{mine_function: test.echo}, 10.0.0.1]
  for-two: {mine_function: test.echo, text: only, allow_tgt: two}
  test.ping: []
mine_interval: 60
`,
    states: {
      'served.sls': `{{ opts.cachedir }}/../upstream.conf:
  file.managed:
    - makedirs: true
    - template: jinja
    - source: salt://upstream.conf
`,
      'upstream.conf': served,
      'bars.yaml': `said:
  test.configurable_test_state:
    - changes: false
    - result: true
    - comment: '{{#each (salt "mine.get" "*" "address")}}{{@key}}={{this}};{{/each}}'
`,
    },
  })
  const pillars = join(stage.folder, 'pillars')
  mkdirSync(pillars, { recursive: true })
  writeFileSync(join(pillars, 'top.sls'), "base: {'*': [all], two: [two]}\n")
  writeFileSync(join(pillars, 'all.sls'), 'role: web\npassword: geheim-4711\n')
  writeFileSync(
    join(pillars, 'two.sls'),
    `mine_functions: {address: [{mine_function: test.echo}, 10.0.0.2]}
seen: {{ salt['mine.get']('one', 'for-two,address') | json }}
by-runner: {{ salt['saltutil.runner']('mine.get', tgt='one', fun='for-two') | json }}
`,
  )
  two = new Daemon('tsalt-minion', stage.folder, 'w2')
  await startSecond()
}, 120_000)
afterAll(async () => {
  if (two?.lives) await two.end('SIGKILL')
  await stage?.close()
})

async function startSecond(id = 'two', more = ''): Promise<void> {
  const { token } = await stage.client.post<{ token: string }>('/tokens', { idGlob: id, seconds: 600 })
  const folder = join(stage.folder, 'w2/etc/tsalt')
  mkdirSync(folder, { recursive: true })
  const port = `master: '127.0.0.1:${stage.port}'\n`
  writeFileSync(
    join(folder, 'minion'),
    `id: ${id}\njoin_token: '${token}'\n${port}ping_interval: 2\nrecon_default: 20\nrecon_max: 150\n${more}`,
    { mode: 0o600 },
  )
  two.start()
  await isConnected(id)
}

const isConnected = (id: string) =>
  until(`${id} to be connected`, 30, async () => {
    const found = await stage.client.targets({ kind: 'glob', expression: id }).catch(() => undefined)
    return found?.targets[0]?.connected || undefined
  })

async function call(id: string, fun: string, args: Json[] = [], kwargs: Record<string, Json> = {}) {
  const jid = stage.newJid()
  await stage.submit(jid, fun, args, { target: { kind: 'glob', expression: id }, kwargs })
  const { return: result } = await stage.ended(jid, 40, id)
  return { ret: result?.ret, retcode: result?.retcode }
}
const mined = async (id: string, ...args: Json[]) => (await call(id, 'mine.get', args)).ret
const run = (...args: string[]): unknown => JSON.parse(stage.run('tsalt-run', [...args, '--out=json']).stdout)

/** What a minion says at its start comes a moment later. */
const comes = (what: string, ask: () => Promise<unknown>, wanted: unknown) =>
  until(what, 40, async () => (JSON.stringify(await ask()) === JSON.stringify(wanted) ? true : undefined))

describe('the mine', () => {
  test('has what configuration and pillar name, soon after the start', async () => {
    await call('two', 'saltutil.refresh_pillar')
    await comes('both addresses', () => mined('two', '*', 'address'), { one: '10.0.0.1', two: '10.0.0.2' })
    expect(await mined('two', '*', 'address,for-two,test.ping')).toEqual({
      address: { one: '10.0.0.1', two: '10.0.0.2' },
      'for-two': { one: 'only' },
      'test.ping': { one: true },
    })
    expect(await mined('one', '*', ['address'])).toEqual({ address: { one: '10.0.0.1', two: '10.0.0.2' } })
    expect(await mined('one', '*', 'for-two')).toEqual({})
    expect((await call('one', 'mine.valid')).ret).toEqual({
      address: { 'test.echo': ['10.0.0.1'] },
      'for-two': { 'test.echo': [{ text: 'only' }] },
      'test.ping': [],
    })
  })

  test('is in the file that another minion renders, from Jinja and Handlebars', async () => {
    expect((await call('two', 'state.apply', ['served'])).retcode).toBe(0)
    const [file] = Object.values((await call('two', 'state.apply', ['served'])).ret as object)
    expect(readFileSync(file.name, 'utf8')).toBe(
      'upstream app {\n  server 10.0.0.1; # one\n  server 10.0.0.2; # two\n}\n',
    )
    const [said] = Object.values((await call('one', 'state.apply', ['bars'])).ret as object)
    expect(said.comment).toBe('one=10.0.0.1;two=10.0.0.2;')
  })

  test('is in a pillar, as far as the minion may read it whose pillar it is', async () => {
    expect((await call('two', 'pillar.items')).ret).toMatchObject({
      seen: { address: { one: '10.0.0.1' }, 'for-two': { one: 'only' } },
      'by-runner': { one: 'only' },
    })
  })

  test('is asked by every kind of target; pillars of others by whole values that are no secrets', async () => {
    const ids = async (tgt: string, kind: string) =>
      Object.keys((await mined('one', tgt, 'address', kind)) as object)
    expect(await ids('role:web', 'pillar')).toEqual(['one', 'two'])
    expect(await ids('one,never', 'list')).toEqual(['one'])
    expect(await ids('I@role:web and not one', 'compound')).toEqual(['two'])
    expect(await ids('kernel:Linux', 'grain')).toEqual(['one', 'two'])
    expect(await ids('t(wo|en)', 'pcre')).toEqual(['two'])
    expect(await ids('password:geheim-4711', 'pillar')).toEqual([])
    const wrong = await call('one', 'mine.get', ['role:w*', 'address', 'pillar'])
    expect([wrong.retcode, String(wrong.ret)]).toEqual([
      1,
      expect.stringContaining('pattern in pillars of others'),
    ])
    const kind = await call('one', 'mine.get', ['a', 'address', 'grian'])
    expect(String(kind.ret)).toContain('no kind of target "grian"')
  })

  test('takes what is sent, and leaves it until it is deleted; a secret of the pillar is refused', async () => {
    expect(await call('one', 'mine.send', ['test.echo', 'hi'], { mine_function: 'test.echo' })).toMatchObject(
      {
        ret: true,
      },
    )
    expect(await call('one', 'mine.update')).toEqual({ ret: true, retcode: 0 })
    expect(await mined('two', '*', 'test.echo')).toEqual({ one: 'hi' })
    expect(await call('one', 'mine.delete', ['test.echo'])).toEqual({ ret: true, retcode: 0 })
    expect(await mined('two', '*', 'test.echo')).toEqual({})
    const secret = await call('one', 'mine.send', ['pillar.get', 'password'])
    expect([secret.retcode, String(secret.ret)]).toEqual([1, expect.stringContaining('mine-secret')])
    expect(await mined('two', '*', 'pillar.get')).toEqual({})
    const wrong = await call('one', 'mine.send', ['test.ping'], {
      allow_tgt: 'a and',
      allow_tgt_type: 'compound',
    })
    expect([wrong.retcode, String(wrong.ret)]).toEqual([1, expect.stringContaining('target:1:')])
    const unknown = await call('one', 'mine.send', ['tset.ping'])
    expect(String(unknown.ret)).toContain('Did you mean "test.ping"?')
  })

  test('one function that fails takes no other with it, and is told', async () => {
    const functions = { 'no.such': [], 'test.version': [] }
    const { ret, retcode } = await call('one', 'mine.update', [], { mine_functions: functions })
    expect([retcode, String(ret)]).toEqual([1, expect.stringMatching(/1 of 2 functions[\s\S]*no\.such/)])
    expect(Object.keys((await mined('two', '*', 'test.version')) as object)).toEqual(['one'])
  })

  test('is shown to operators by tsalt-run, and brought up to date', () => {
    expect(run('mine.get', '*', 'for-two')).toEqual({ one: 'only' })
    expect(run('mine.get', '*', 'address,for-two')).toMatchObject({ 'for-two': { one: 'only' } })
    expect(run('mine.update', 'one')).toEqual({ one: true })
  })

  test('outlives its minion; what the configuration names no more goes at its next start', async () => {
    await stage.minion.end('SIGTERM')
    expect(await mined('two', 'one', 'address')).toEqual({ one: '10.0.0.1' })
    await stage.configureMinion('mine_functions: {address: [{mine_function: test.echo}, 10.0.0.9]}\n')
    await stage.restart(stage.minion)
    await comes('the new address', () => mined('two', 'one', 'address,for-two'), {
      address: { one: '10.0.0.9' },
    })
    expect(Object.keys((await mined('two', 'one', 'test.version')) as object)).toEqual(['one'])
  })

  test('belongs to a key: the next minion of the name inherits nothing', async () => {
    await two.end('SIGTERM')
    expect(stage.run('tsalt-key', ['-d', 'two', '-y']).status).toBe(0)
    const state = join(stage.folder, 'w2')
    for (const path of ['etc/tsalt/pki', 'var']) rmSync(join(state, path), { recursive: true, force: true })
    writeFileSync(join(stage.folder, 'pillars/two.sls'), '{}\n')
    await startSecond()
    expect(await mined('one', 'two', 'address')).toEqual({})
    expect((await call('two', 'mine.update')).ret).toBeNull()
    expect(await mined('one', '*', 'address')).toEqual({ one: '10.0.0.9' })
  })
})
