/** Execution module `match`: whether this minion is meant by a target. */
import { execModule } from './contract.ts'
import { pureFunctions } from './pure-function.ts'

const tgt = { tgt: 'The expression.' }
const delimiter = { 'delimiter?': 'What separates the steps of a key, default `:`.' }
const minionId = { 'minion_id?': 'Another minion than this one.' }

export const matchModule = execModule({
  summary: 'Whether this minion is meant by a target.',
  functions: pureFunctions('match', {
    compound: {
      summary: 'True where a compound expression means this minion.',
      args: { ...tgt, ...minionId },
      example: "tsalt '*' match.compound 'G@os:Debian and web*'",
    },
    glob: {
      summary: 'True where the id fits the glob.',
      args: { ...tgt, ...minionId },
      example: "tsalt '*' match.glob 'web*'",
    },
    list: {
      summary: 'True where the id is in the list.',
      args: { ...tgt, ...minionId },
      example: "tsalt '*' match.list 'web1,web2'",
    },
    pcre: {
      summary: 'True where the id fits the regular expression.',
      args: { ...tgt, ...minionId },
      example: "tsalt '*' match.pcre 'web[0-9]+'",
    },
    grain: {
      summary: 'True where a grain fits the glob.',
      args: { ...tgt, ...delimiter },
      example: "tsalt '*' match.grain 'os:Debian'",
    },
    grain_pcre: {
      summary: 'True where a grain fits the regular expression.',
      args: { ...tgt, ...delimiter },
      example: "tsalt '*' match.grain_pcre 'os:(Debian|Ubuntu)'",
    },
    pillar: {
      summary: 'True where a pillar value fits the glob.',
      args: { ...tgt, ...delimiter },
      example: "tsalt '*' match.pillar 'role:web*'",
    },
    pillar_pcre: {
      summary: 'True where a pillar value fits the regular expression.',
      args: { ...tgt, ...delimiter },
      example: "tsalt '*' match.pillar_pcre 'role:web|db'",
    },
    ipcidr: {
      summary: 'True where the minion has the address, or one in the network.',
      args: tgt,
      example: "tsalt '*' match.ipcidr '192.0.2.0/24'",
    },
    filter_by: {
      summary: 'What a mapping has under the first target that means this minion.',
      args: {
        lookup: 'Target → value.',
        'tgt_type?': 'Kind of the targets, default compound.',
        ...minionId,
        'merge?': 'A mapping merged over what is found.',
        'merge_lists?': 'Lists are put together.',
        'default?': 'The key where none fits, default `default`.',
      },
      example: `tsalt '*' match.filter_by '{"web*": 1, "default": 2}'`,
    },
    search_by: {
      summary: 'The keys of a mapping one of whose targets means this minion.',
      args: { lookup: 'Key → list of targets.', 'tgt_type?': 'Default compound.', ...minionId },
      example: `tsalt '*' match.search_by '{"web": ["web*"]}'`,
    },
  }),
})
