/** Secrets of the pillar, of states and of arguments: nowhere but where they belong, on neither side. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Agent } from '../../../minion/agent.ts'
import { systemClock } from '../../../shared/clock.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { minionOptions } from '../../../shared/config/minion-options.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { makeLogger } from '../../../shared/log.ts'
import { Redactor } from '../../../shared/pillar/redactor.ts'
import { until } from '../gateway/peer.ts'
import { type RealMaster, realMaster } from './real-master.ts'

const inPillar = `p'1l"l ar&7/x+Zq`
const marked = 'marked-as-secret-1234'
const inState = 'only-in-the-state-5678'
const inArguments = 'typed-by-the-operator-9'
const pin = 9_182_736_455
const all = [inPillar, marked, inState, inArguments, String(pin)]

describe('secrets', () => {
  let master: RealMaster
  let root: string
  let agent: Agent
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'tsalt-secrets-'))
    const target = join(root, 'srv/app.conf')
    mkdirSync(join(root, 'srv'))
    writeFileSync(target, 'old\n')
    master = await realMaster({
      'srv/pillar/top.yaml': "base:\n  '*':\n    - accounts\n",
      'srv/pillar/accounts.yaml': `db:\n  password: ${JSON.stringify(inPillar)}\n  other: !secret ${marked}\n  pin_token: ${pin}\n`,
      'srv/tsalt/app.yaml': `
${target}:
  file.managed:
    - contents: |
        password={{pillar.db.password}}
        other={{pillar.db.other}}
print:
  cmd.run:
    - name: cat ${target}; printf '%s' '{{pillar.db.other}}' | base64
    - env:
        - A_PASSWORD: ${inState}
fails:
  cmd.run:
    - name: echo {{pillar.db.other}} ${inState} >&2; exit 3
wrong-{{pillar.db.other}}:
  test.nop: []
`,
      'srv/tsalt/broken.yaml': `x:\n  file.managed:\n    - name: /nowhere/{{pillar.db.other}}\n    - contnts: {{pillar.db.other}}\n`,
    })
    const id = parseMinionId('keeper1')
    const made = await master.api('/api/v1/tokens', { idGlob: id, seconds: 60 })
    const folder = join(root, 'etc/tsalt')
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'minion')
    writeFileSync(file, `id: ${id}\njoin_token: '${(made.body as { token: string }).token}'\n`, {
      mode: 0o600,
    })
    mkdirSync(join(root, 'var/log/tsalt'), { recursive: true, mode: 0o700 })
    const options = loadOptions(minionOptions, file, { root_dir: root, log_level: 'trace' })
    const redactor = new Redactor()
    const log = makeLogger({
      name: 'minion',
      level: 'trace',
      to: options.log_file,
      clock: systemClock,
      redact: (line) => redactor.text(line),
    })
    agent = await Agent.open({ options, id, file, folder, clock: systemClock, log, redactor })
    await agent.start()
    await agent.connected(5_000)
  })
  afterAll(async () => {
    await agent?.stop()
    await master?.stop()
    rmSync(root, { recursive: true, force: true })
  })

  async function run(fun: string, args: unknown[] = [], kwargs: Record<string, unknown> = {}) {
    const target = { kind: 'glob', expression: 'keeper1' }
    const { body } = await master.api('/api/v1/jobs', { target, fun, args, kwargs })
    const { jid } = body as { jid: string }
    let shown: unknown
    for (let turns = 0; turns < 300; turns++) {
      shown = (await master.api(`/api/v1/jobs/${jid}`)).body
      if ((shown as { targets: { status: string }[] }).targets[0]?.status === 'returned') break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(shown).toMatchObject({ targets: [{ status: 'returned' }] })
    return JSON.stringify(shown)
  }

  it('a command of the first minute already, and in every form', async () => {
    const file = join(root, 'srv/said')
    const basic = Buffer.from(`admin:${marked}`).toString('base64')
    const forms = [inPillar, encodeURIComponent(inPillar), JSON.stringify(inPillar), basic, String(pin)]
    writeFileSync(file, forms.join('\n'))
    const shown = await run('cmd.run', [`cat ${file}`])
    for (const form of [...all, ...forms, basic.slice(8, 24)]) expect(shown).not.toContain(form)
    expect(shown).toContain('**********')
    rmSync(file)
  })

  it('state runs, dry and real, with diffs, failures, names and compile errors', async () => {
    for (const kwargs of [{ test: true }, {}]) {
      const shown = await run('state.apply', ['app'], kwargs)
      for (const secret of all) expect(shown).not.toContain(secret)
      expect(shown).toContain('**********')
    }
    expect(readFileSync(join(root, 'srv/app.conf'), 'utf8')).toContain(marked)
    const broken = await run('state.apply', ['broken'])
    expect(broken).toContain('contnts')
    expect(broken).not.toContain(marked)
    const low = await run('state.show_low_sls', ['app'])
    expect(low).not.toContain(inState)
  })

  it('the pillar itself, when it goes through the master; not for who asks on the machine', async () => {
    for (const fun of ['pillar.items', 'pillar.get', 'pillar.item']) {
      const shown = await run(fun, fun === 'pillar.items' ? [] : ['db'])
      for (const secret of all) expect(shown).not.toContain(secret)
    }
    const quiet = new AbortController().signal
    const here = await agent.jobs.call({ fun: 'pillar.get', args: ['db:other'], kwargs: {} }, quiet, () => {})
    expect(here.ret).toBe(marked)
    const there = await agent.jobs.call({ fun: 'test.echo', args: [marked], kwargs: {} }, quiet, () => {})
    expect(there.ret).toBe('**********')
  })

  it('arguments of a job', async () => {
    const pillar = { db: { password: inArguments } }
    const shown = await run('state.apply', ['app'], { pillar, test: true })
    expect(shown).not.toContain(inArguments)
    const refused = await run('test.ping', [], { password: inArguments })
    expect(refused).not.toContain(inArguments)
    const list = JSON.stringify((await master.api('/api/v1/jobs?limit=20')).body)
    expect(list).not.toContain(inArguments)
  })

  it('progress', async () => {
    const seen: string[] = []
    await agent.jobs.call(
      { fun: 'state.apply', args: ['app'], kwargs: {} },
      new AbortController().signal,
      (step) => seen.push(JSON.stringify(step)),
    )
    await until(() => seen.length > 0)
    for (const secret of all) expect(seen.join('')).not.toContain(secret)
  })

  it('and in the end no file of either side has one, but the trees, the target and what was submitted', () => {
    const expected = /\/srv\/|\/undo\/|\/blobs\//
    const found: string[] = []
    for (const [side, secrets] of [
      [master.root, [inPillar, marked, inState, String(pin)]],
      [root, all],
    ] as const)
      for (const file of filesBelow(side)) {
        if (expected.test(file)) continue
        const text = readFileSync(file, 'latin1')
        for (const secret of secrets)
          if (text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)))
            found.push(`${file}: ${secret}`)
      }
    // The delivery as it came is in the inbox until the result is stored and the journal is written anew.
    expect(found.filter((entry) => !/journal: typed-by-the-operator/.test(entry))).toEqual([])
    for (const secret of all) expect(master.log()).not.toContain(secret)
    expect(master.audit()).not.toContain(inArguments)
  })

  it('are kept from others: folders 0700, files 0600, whatever the umask', async () => {
    const loose: string[] = []
    for (const side of ['var/lib/tsalt', 'var/log/tsalt', 'etc/tsalt/pki'])
      for (const base of [root, master.root])
        for (const file of filesBelow(join(base, side), true))
          if ((modeOf(file) & 0o077) !== 0 && !/\.sock$/.test(file))
            loose.push(`${modeOf(file).toString(8)} ${file}`)
    expect(loose).toEqual([])
    chmodSync(root, 0o700)
  })
})

function filesBelow(folder: string, folders = false): string[] {
  let entries: string[]
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || (folders && entry.isDirectory()))
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
  return entries
}

const modeOf = (file: string): number => statSync(file).mode & 0o777
