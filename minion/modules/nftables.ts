/** Execution module `nftables`: rules of nftables. */
import { needed } from '../../shared/schema/argument.ts'
import { family, identifier, table } from '../states/nftables/arguments.ts'
import { isDecision, listChain, listTable } from '../states/nftables/program.ts'
import { answered } from './answered.ts'
import { execModule } from './contract.ts'
import { asking } from './define.ts'

export const nftablesModule = execModule({
  summary: 'Tables, chains and rules of nftables.',
  functions: {
    version: asking('Version of nft.', 'nftables.version', {}, async (_, { look }) => {
      const said = await answered('nftables.version', ['nft', '--version'], look)
      return said.trim().split(' ')[1] ?? ''
    }),
    get_rules: asking(
      'The tables of a family, each as a text.',
      'nftables.get_rules family=inet',
      { family },
      async (given, { look }) => {
        const listed = await answered(
          'nftables.get_rules',
          ['nft', '--stateless', `list ruleset ${given.family}`],
          look,
        )
        return listed.match(/^table [\s\S]*?^\}/gm) ?? []
      },
    ),
    check_table: asking(
      'True where a table exists.',
      'nftables.check_table filter family=inet',
      { table, family },
      async (given, { look }) => {
        const found = await listTable(given, look)
        return found !== undefined && !isDecision(found)
      },
    ),
    check_chain: asking(
      'True where a chain exists.',
      'nftables.check_chain filter input family=inet',
      { table, chain: needed(identifier, 'The chain.'), family },
      async (given, { look }) => {
        const found = await listChain(given, given.chain, look)
        return found !== undefined && !isDecision(found)
      },
    ),
  },
})
