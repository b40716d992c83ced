/**
 * Mappings that Salt has as OrderedDict: the filter `yaml` writes them in their own order, all others sorted by key.
 * They are what `odict()` makes in a template, and what an SLS hands to one as `context` and `defaults`.
 */
const ordered = new WeakSet<object>()

export function markOrdered<T extends ReadonlyMap<unknown, unknown>>(dict: T): T {
  ordered.add(dict)
  return dict
}

export function isOrdered(dict: ReadonlyMap<unknown, unknown>): boolean {
  return ordered.has(dict)
}

/** The value itself, with all mappings inside it marked. */
export function markAllOrdered(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) markAllOrdered(item)
  if (!(value instanceof Map) || ordered.has(value)) return
  ordered.add(value)
  for (const item of value.values()) markAllOrdered(item)
}
