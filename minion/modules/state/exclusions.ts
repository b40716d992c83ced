/** What `exclude=` takes: `a,b` or `[a, {id: x}, {sls: 'b*'}]`, as the lists in SLS. */
import { isDict, isList } from '../../../shared/data/value.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { ExcludeEntry } from '../../../shared/sls/document.ts'

export const exclusions = shaped<ExcludeEntry[]>({
  words: 'list of SLS names or of "id: NAME"',
  json: {
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
    ],
  },
  read(value) {
    const items = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value
    const entries: ExcludeEntry[] = []
    for (const item of isList(items) ? items : [items]) {
      const [kind, name] = isDict(item) && item.size === 1 ? ([...item][0] ?? []) : ['sls', item]
      if ((kind !== 'id' && kind !== 'sls') || typeof name !== 'string' || name === '')
        return new Mismatch(`an SLS name, "id: NAME" or "sls: NAME" is expected, not ${describeValue(item)}`)
      entries.push({ kind, name })
    }
    return entries
  },
})
