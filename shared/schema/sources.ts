/** Sources of managed files: `salt://…` or a path, a list of them of which the first that exists is taken. */
import { isDict, isList } from '../data/value.ts'
import { readText } from './scalars.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

export interface FileSource {
  readonly url: string
  /** As written beside the source: `[{salt://a: sha256=…}]`. */
  readonly hash?: string
}

const known = /^(?:salt|file|https?|ftp|s3|swift):\/\//

function readUrl(value: unknown): string | Mismatch {
  const url = readText(value)
  if (url === undefined || url === '')
    return new Mismatch(`a source is expected, not ${describeValue(value)}`)
  if (url.startsWith('/') || known.test(url)) return url
  return new Mismatch(`a source is salt://PATH or an absolute path, not ${describeValue(url)}`)
}

function readItem(item: unknown): FileSource | Mismatch {
  if (!isDict(item)) {
    const url = readUrl(item)
    return url instanceof Mismatch ? url : { url }
  }
  const [entry, more] = [...item]
  if (entry === undefined || more !== undefined)
    return new Mismatch('a source with its hash is one {source: hash}')
  const url = readUrl(entry[0])
  const hash = readText(entry[1])
  if (url instanceof Mismatch) return url
  return hash === undefined ? { url } : { url, hash }
}

export const sourceList = shaped<FileSource[]>({
  words: 'source, or list of sources',
  json: {
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'object'] } }],
  },
  read(value) {
    const sources: FileSource[] = []
    for (const item of isList(value) ? value : [value]) {
      const read = readItem(item)
      if (read instanceof Mismatch) return read
      sources.push(read)
    }
    return sources.length > 0 ? sources : new Mismatch('the list of sources is empty')
  },
})
