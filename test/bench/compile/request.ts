/** One compilation of a tree in memory. */
import type { Dict, Plain, Value } from '../../../shared/data/value.ts'
import type { Sha256 } from '../../../shared/ids.ts'
import type { CompileRequest, StateCatalog } from '../../../shared/sls/compiled.ts'
import type { BenchTree } from './trees.ts'

export function compileRequest(
  { files, pillar }: BenchTree,
  catalog: StateCatalog,
  toValue: (plain: Plain) => Value,
): CompileRequest {
  const known = new Map(Object.entries(files))
  const empty: Dict = new Map()
  return {
    tree: {
      environments: ['base'],
      has: (_, path) => known.has(path),
      list: () => [...known.keys()].sort(),
      read: async (_, path) => {
        const text = known.get(path)
        return text === undefined ? undefined : { text, sha256: '0'.repeat(64) as Sha256 }
      },
    },
    subject: { id: 'vm', grains: empty, pillar: toValue(pillar as Plain) as Dict, opts: empty },
    catalog,
    settings: {
      stateTop: 'top',
      topMerging: 'merge',
      environmentOrder: [],
      defaultTop: 'base',
      renderer: 'jinja|yaml',
    },
    sls: ['a'],
  }
}
