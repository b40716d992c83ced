/** iptables.chain_present, chain_absent, set_policy and flush: chains and what becomes of what no rule matched. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, inSync, type StateRun, stateFunction } from '../contract.ts'
import { runSteps } from '../steps.ts'
import { chainName, type Family, family, save, table } from './arguments.ts'
import { command, isTable, requireIptables, restoring, type TableNow, tableNow } from './program.ts'
import { isSaved, savedFile, saveRules } from './saved.ts'

interface Place {
  readonly family: Family
  readonly table: string
}

async function begin(place: Place, look: Reader, run: StateRun): Promise<TableNow | Decision> {
  return (await requireIptables(place.family, look, run)) ?? tableNow(place, look)
}

const chainArgs = v.strictObject({
  name: needed(chainName, 'The chain.'),
  table,
  family,
})

export const chainPresent = stateFunction({
  summary: 'Makes sure that a chain of the user exists.',
  args: chainArgs,
  examples: ['ZONE_LOCAL:\n  iptables.chain_present:\n    - family: ipv4\n'],
  async check(wanted, look, run) {
    const now = await begin(wanted, look, run)
    if (!isTable(now)) return now
    const of = `in ${wanted.table} table for ${wanted.family}`
    if (now.policies.has(wanted.name) || builtIn(wanted.table).includes(wanted.name))
      return inSync(`iptables ${wanted.name} chain is already exist ${of}`)
    const comments = {
      would: `iptables ${wanted.name} chain in ${wanted.table} table needs to be set for ${wanted.family}`,
      done: `iptables ${wanted.name} chain in ${wanted.table} table create success for ${wanted.family}`,
    }
    return drift({ locale: wanted.name }, comments, (act) =>
      runSteps(
        [
          {
            argv: command(wanted.family, wanted.table, '-N', wanted.name),
            undo: [{ argv: command(wanted.family, wanted.table, '-X', wanted.name) }],
          },
        ],
        act,
        `Failed to create ${wanted.name} chain ${of}`,
      ),
    )
  },
})

export const chainAbsent = stateFunction({
  summary: 'Makes sure that a chain of the user does not exist; its rules go with it.',
  args: chainArgs,
  examples: ['ZONE_LOCAL:\n  iptables.chain_absent: []\n'],
  async check(wanted, look, run) {
    const now = await begin(wanted, look, run)
    if (!isTable(now)) return now
    const of = `in ${wanted.table} table for ${wanted.family}`
    if (!now.policies.has(wanted.name)) return inSync(`iptables ${wanted.name} chain is already absent ${of}`)
    const comments = {
      would: `iptables ${wanted.name} chain in ${wanted.table} table needs to be removed ${wanted.family}`,
      done: `iptables ${wanted.name} chain in ${wanted.table} table delete success for ${wanted.family}`,
    }
    const step = (verb: string) => ({
      argv: command(wanted.family, wanted.table, verb, wanted.name),
      undo: [restoring(wanted, now)],
    })
    return drift({ locale: wanted.name }, comments, (act) =>
      runSteps([step('-F'), step('-X')], act, `Failed to delete ${wanted.name} chain ${of}`),
    )
  },
})

/** Chains that the kernel has of its own; iptables-save leaves them out of a table that was never used. */
function builtIn(table: string): readonly string[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    filter: ['INPUT', 'FORWARD', 'OUTPUT'],
    nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    raw: ['PREROUTING', 'OUTPUT'],
    security: ['INPUT', 'FORWARD', 'OUTPUT'],
  }
  return known[table] ?? []
}

export const setPolicy = stateFunction({
  summary: 'Makes sure what becomes of packets that no rule of a chain of the kernel matched.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'A name for it in the tree.'),
    table,
    chain: needed(chainName, 'The chain: `INPUT`.'),
    policy: needed(chainName, '`ACCEPT` or `DROP`.'),
    family,
    save,
  }),
  examples: ['closed:\n  iptables.set_policy:\n    - chain: INPUT\n    - policy: DROP\n    - save: True\n'],
  async check(wanted, look, run) {
    const now = await begin(wanted, look, run)
    if (!isTable(now)) return now
    const { chain, policy, table: itsTable } = wanted
    const isBuiltIn = builtIn(itsTable).includes(chain)
    const current = now.policies.get(chain) ?? (isBuiltIn ? 'ACCEPT' : undefined)
    const file = savedFile(wanted.save, wanted.family, look)
    if (typeof file === 'object') return file
    const isSet = current === policy
    const kept = file === undefined || (isSet && (await isSaved(file, wanted, now, look)))
    if (isSet && kept)
      return inSync(
        `iptables default policy for chain ${chain} on table ${itsTable} for ${wanted.family} already set to ${policy}`,
      )
    const comments = {
      would: `iptables default policy for chain ${chain} on table ${itsTable} for ${wanted.family} needs to be ${isSet ? 'saved' : `set to ${policy}`}`,
      done: `Set${file === undefined ? '' : ' and Saved'} default policy for ${chain} to ${policy} family ${wanted.family}`,
    }
    return drift({ locale: wanted.name }, comments, async (act) => {
      const step = {
        argv: command(wanted.family, itsTable, '-P', chain, policy),
        undo: [{ argv: command(wanted.family, itsTable, '-P', chain, current ?? 'ACCEPT') }],
      }
      const failure = await runSteps(isSet ? [] : [step], act, 'Failed to set iptables default policy')
      return failure ?? (file === undefined ? undefined : saveRules(file, wanted.family, act))
    })
  },
})

export const flush = stateFunction({
  summary: 'Makes sure that a chain, or every chain of a table, has no rules.',
  args: v.strictObject({
    name: needed(text, 'A name for it in the tree.'),
    table,
    chain: optional(chainName, 'Only this chain.'),
    family,
  }),
  examples: ['clean:\n  iptables.flush:\n    - table: nat\n'],
  async check(wanted, look, run) {
    const now = await begin(wanted, look, run)
    if (!isTable(now)) return now
    const { chain } = wanted
    const of = `${wanted.table} table ${chain ?? ''} chain ${wanted.family} family`
    const left = chain === undefined ? now.rules.size : (now.rules.get(chain)?.length ?? 0)
    if (left === 0) return inSync(`iptables rules in ${of} are already flushed`)
    const comments = {
      would: `iptables rules in ${of} needs to be flushed`,
      done: `Flush iptables rules in ${of}`,
    }
    return drift({ locale: wanted.name }, comments, (act) =>
      runSteps(
        [
          {
            argv: command(wanted.family, wanted.table, '-F', ...(chain === undefined ? [] : [chain])),
            undo: [restoring(wanted, now)],
          },
        ],
        act,
        'Failed to flush iptables rules',
      ),
    )
  },
})
