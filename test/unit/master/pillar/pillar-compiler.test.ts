import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolderTree } from '../../../../master/files/folder-tree.ts'
import { openPillarService, type PillarSetup } from '../../../../master/pillar/pillar-compiler.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import { parseMinionId } from '../../../../shared/ids.ts'

describe('pillars of minions', () => {
  let folder: string
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsalt-pillar-'))
    lines.length = 0
    put('top.sls', "#!yaml\nbase:\n  '*': [common]\n  'web*': [web]\n")
    put('common.yaml', 'who: {{grains.id}}\nports:\n  - 80\n  - 443\nempty: {}\n')
    put('web/init.yaml', 'db:\n  password: geheim-{{grains.level}}\n')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const open = (more: Partial<PillarSetup['settings']> = {}) => {
    const grains: Record<string, Record<string, string>> = {
      'web1 0': { id: 'web1', level: 'production' },
      'db1 0': { id: 'db1', level: 'production' },
      'liar 0': { id: 'web1', level: 'production' },
    }
    const opts = toValue({ root_dir: '/' }) as Dict
    return openPillarService({
      tree: openFolderTree({ roots: { base: [folder] }, order: [], clock: systemClock, logger }),
      minions: { grains: async (id, generation) => grains[`${id} ${generation}`] },
      generationOf: () => 0,
      settings: {
        stateTop: 'top',
        topMerging: 'merge',
        environmentOrder: [],
        defaultTop: 'base',
        renderer: 'jinja|yaml',
        merging: 'smart',
        mergeLists: false,
        includesOverride: false,
        ...more,
      },
      opts,
      logger,
    })
  }
  const web1 = parseMinionId('web1')

  it('tells a minion which nodegroups it is in, and not what makes them', async () => {
    put('web/init.yaml', 'role: front\n')
    const nodegroups = toValue({
      webs: 'web*',
      fronts: 'I@role:front and G@level:production',
      some: ['db1', 'web2'],
      both: ['N@webs', 'or', 'N@some'],
      wrong: 'N@nowhere',
    }) as Dict
    const { groups } = await open({ nodegroups }).forMinion(web1, 0, undefined)
    expect({ ...groups }).toEqual({ webs: true, fronts: true, some: false, both: true })
  })

  it('gives each minion its own, with the places of its leaves and the paths of its secrets', async () => {
    const pillars = open()
    const answer = await pillars.forMinion(web1, 0, undefined)
    expect(answer).toMatchObject({
      pillar: { who: 'web1', ports: [80, 443], db: { password: 'geheim-production' } },
      errors: [],
      secrets: ['db:password'],
    })
    expect(answer.places).toMatchObject({
      who: ['common.yaml', 1, 6],
      'ports:1': ['common.yaml', 4, 5],
      empty: ['common.yaml', 5, 8],
      'db:password': ['web/init.yaml', 2, 13],
    })
    const db = await pillars.forMinion(parseMinionId('db1'), 0, undefined)
    expect(JSON.stringify(db)).not.toContain('geheim')
    expect(db.pillar).toMatchObject({ who: 'db1' })
  })

  it('believes no minion that says it has another id', async () => {
    put('top.sls', "#!yaml\nbase:\n  '*': [common]\n  'G@id:web1': [web]\n")
    const { pillar } = await open().forMinion(parseMinionId('liar'), 0, undefined)
    expect(pillar).toMatchObject({ who: 'liar' })
    expect(pillar).not.toHaveProperty('db')
  })

  it('withholds a secret that a grain chose, and warns once of one beside a grain', async () => {
    put('top.sls', "#!yaml\nbase:\n  '*': [common]\n  'G@level:production': [web]\n")
    const pillars = open({ grainSecrets: { mode: 'refuse', trusted: [] } })
    const { pillar, errors } = await pillars.forMinion(web1, 0, undefined)
    expect([pillar, errors]).toMatchObject([
      { who: 'web1' },
      [expect.stringMatching(/^Pillar SLS 'web' is withheld\./)],
    ])
    expect(JSON.stringify(pillar)).not.toContain('geheim')
    put('top.sls', "#!yaml\nbase:\n  'web1': [web]\n")
    for (const _ of [1, 2, 3]) await pillars.forMinion(web1, 0, undefined)
    expect(lines.filter((line) => line.includes('pillar-secret-beside-grain'))).toHaveLength(1)
  })

  it('sees an edit at once', async () => {
    const pillars = open()
    await pillars.forMinion(web1, 0, undefined)
    put('common.yaml', 'who: changed\n')
    expect((await pillars.forMinion(web1, 0, undefined)).pillar).toMatchObject({ who: 'changed' })
  })

  it('masks errors for the minion and in the log, and shows them whole to the operator', async () => {
    put('web/init.yaml', 'db:\n  password: geheim {{#if}}\n')
    const pillars = open()
    const { errors } = await pillars.forMinion(web1, 0, undefined)
    expect(errors).toEqual([
      "Rendering pillar SLS 'web' failed. The operator finds the details with: tsalt-run pillar.show_pillar web1",
    ])
    expect(lines.join('')).toContain('web/init.yaml')
    expect(lines.join('')).not.toContain('geheim')
    const shown = await pillars.show(web1)
    expect(shown.errors.map(describeError).join('\n')).toContain('web/init.yaml:')
    expect(toPlain(shown.pillar)).toBeDefined()
  })

  it('knows nothing of a minion that never came, or of an earlier one of its name', async () => {
    const pillars = open()
    for (const [id, generation] of [
      ['new1', 0],
      ['web1', 1],
    ] as const)
      await expect(pillars.forMinion(parseMinionId(id), generation, undefined)).rejects.toMatchObject({
        code: 'minion-never-seen',
      })
  })
})
