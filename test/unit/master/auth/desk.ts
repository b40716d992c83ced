/** Rules out of a configuration file, four minions, users in groups: what decisions are asked of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Access, Act } from '../../../../master/auth/access.ts'
import { makeRuleAccess } from '../../../../master/auth/rule-access.ts'
import { readRules } from '../../../../master/auth/rules/read-rules.ts'
import { nodegroupsOf } from '../../../../master/pillar/open-pillars.ts'
import { GrainTable } from '../../../../master/targeting/grain-table.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { masterOptions } from '../../../../shared/config/master-options.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { type Dict, toValue } from '../../../../shared/data/value.ts'
import { parseMinionId } from '../../../../shared/ids.ts'

const grains: Readonly<Record<string, Json>> = {
  web1: { os: 'Debian', roles: ['web'] },
  web2: { os: 'Debian', roles: ['web'] },
  db1: { os: 'Arch', roles: ['db'] },
  db2: { os: 'Arch', roles: ['db'] },
}

/** Of users; a user who is not in here is disabled or gone. */
const groups: Readonly<Record<string, readonly string[]>> = {
  alice: ['web'],
  bob: [],
  carol: ['web', 'ops'],
  dora: [],
  'pam:alice': ['wheel'],
  'pam:zoe': [],
}

export interface Desk {
  readonly access: Access
  readonly refusals: readonly string[]
  /** Minions whose pillar was asked for. */
  readonly pillars: readonly string[]
  /** Disables a user. */
  leave(name: string): void
}

/** @throws TsaltError of the configuration */
export function openDesk(configuration: string): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-rules-'))
  const file = join(folder, 'master')
  try {
    writeFileSync(file, configuration)
    const options = loadOptions(masterOptions, file)
    const nodegroups = nodegroupsOf(options)
    const rules = readRules(options, nodegroups)
    const accepted = Object.keys(grains).map((id) => ({ id: parseMinionId(id), generation: 1 }))
    const table = new GrainTable({
      grainsSince: async (revision) =>
        revision > 0
          ? []
          : accepted.map(({ id }, index) => ({
              id,
              generation: 1,
              revision: index + 1,
              grains: grains[id] ?? null,
            })),
    })
    const refusals: string[] = []
    const pillars: string[] = []
    const gone = new Set<string>()
    const access = makeRuleAccess({
      rules: () => rules,
      directory: {
        groupsOf: (name) => (gone.has(name) ? undefined : groups[name]),
        look: async () => undefined,
      },
      targeting: {
        accepted: () => accepted,
        table,
        pillarOf: async ({ id }) => {
          pillars.push(id)
          return toValue({ level: id === 'web1' ? 'gold' : 'iron' }) as Dict
        },
        nodegroups,
      },
      refused: ({ name }, act, reason) => refusals.push(`${name}: ${act}: ${reason}`),
    })
    return { access, refusals, pillars, leave: (name) => void gone.add(name) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export interface WrittenAct {
  readonly ground?: 'job' | 'runner' | 'wheel' | 'see'
  readonly fun: string
  readonly args?: readonly Json[]
  readonly kwargs?: Readonly<Record<string, Json>>
  readonly minions?: readonly string[]
}

export function actOf({ ground = 'job', fun, args = [], kwargs = {}, minions }: WrittenAct): Act {
  const ids = minions?.map(parseMinionId)
  if (ground === 'see')
    return { kind: 'see', what: fun as 'jobs', ...(ids === undefined ? {} : { minions: ids }) }
  if (ground === 'job') return { kind: 'job', fun, args, kwargs, minions: ids ?? [parseMinionId('web1')] }
  return { kind: ground, fun, args, kwargs }
}
