/** Execution module `iptables`: rules of the kernel's packet filter. */
import type { Plain } from '../../shared/data/value.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { nonEmptyText } from '../../shared/schema/scalars.ts'
import { chainName, type Family, family, table } from '../states/iptables/arguments.ts'
import { parseTable, programOf } from '../states/iptables/program.ts'
import type { Reader } from '../system/reader.ts'
import { answered } from './answered.ts'
import { execModule } from './contract.ts'
import { asking } from './define.ts'
import { shellWords } from './shell-words.ts'

const chain = needed(chainName, 'The chain: `INPUT`.')

const longNames: Readonly<Record<string, string>> = {
  '-p': 'protocol',
  '-s': 'source',
  '-d': 'destination',
  '-i': 'in-interface',
  '-o': 'out-interface',
  '-m': 'match',
  '-j': 'jump',
  '-g': 'goto',
  '-A': 'append',
}

/** `{jump: [ACCEPT], protocol: [tcp]}`, as Salt has it. */
function parsedRule(line: string): Plain {
  const found: Record<string, string[]> = {}
  let key = ''
  for (const word of shellWords(line)) {
    if (/^-{1,2}[A-Za-z]/.test(word)) {
      key = longNames[word] ?? word.replace(/^-+/, '')
      found[key] ??= []
    } else if (key !== '' && word !== '!') found[key]?.push(word)
  }
  delete found['append']
  return found
}

/** Table → chain → policy and rules. */
function structure(printed: string): Plain {
  const tables: Record<string, Plain> = {}
  for (const [, name = '', body = ''] of printed.matchAll(/^\*(\S+)\n([\s\S]*?)^COMMIT/gm)) {
    const { policies, rules } = parseTable(body)
    tables[name] = Object.fromEntries(
      [...policies].map(([one, policy]) => {
        const lines = rules.get(one) ?? []
        return [one, { policy, rules: lines.map(parsedRule), rules_count: lines.length }]
      }),
    )
  }
  return tables
}

const saved = (fun: string, of: Family, look: Reader): Promise<string> =>
  answered(fun, [`${programOf(of)}-save`], look)

export const iptablesModule = execModule({
  summary: "Rules of the kernel's packet filter.",
  functions: {
    version: asking('Version of iptables.', 'iptables.version', { family }, async (given, { look }) => {
      const said = await answered('iptables.version', [programOf(given.family), '--version'], look)
      return said.trim().split(' ')[1] ?? ''
    }),
    get_rules: asking(
      'All tables with their chains and rules.',
      'iptables.get_rules',
      { family },
      async (given, { look }) => structure(await saved('iptables.get_rules', given.family, look)),
    ),
    get_policy: asking(
      'The policy of a chain.',
      'iptables.get_policy filter INPUT',
      { table, chain, family },
      async (given, { look }) => {
        const of = await answered(
          'iptables.get_policy',
          [`${programOf(given.family)}-save`, '-t', given.table],
          look,
        )
        return parseTable(of).policies.get(given.chain) ?? null
      },
    ),
    check_chain: asking(
      'True where a chain exists.',
      'iptables.check_chain filter INPUT',
      { table, chain, family },
      async (given, { look }) => {
        const of = await answered(
          'iptables.check_chain',
          [`${programOf(given.family)}-save`, '-t', given.table],
          look,
        )
        return parseTable(of).policies.has(given.chain)
      },
    ),
    check: asking(
      'True where a chain has a rule, written as iptables takes it.',
      "iptables.check filter INPUT rule='-p tcp --dport 22 -j ACCEPT'",
      {
        table: defaulted(chainName, 'filter', 'The table.'),
        chain,
        rule: needed(nonEmptyText, 'The rule behind the chain.'),
        family,
      },
      async (given, { look }) => {
        const words = shellWords(given.rule)
        const argv = [programOf(given.family), '--wait', '-t', given.table, '-C', given.chain, ...words]
        // Only the options of a rule: one that makes another command of it changes something.
        const other = words.find((word) =>
          /^(?:-[ADIRLSFZNXPECVhMtwW]|--(?:app|del|ins|rep|li|fl|z|ne|pol|ren|mod|tab))/.test(word),
        )
        return other === undefined && (await look.commands.query(argv)).code === 0
      },
    ),
  },
})
