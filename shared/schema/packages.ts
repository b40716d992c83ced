/** Lists of packages as pkg.* takes them: names, or a name with the version it shall have. */
import { isDict, isList } from '../data/value.ts'
import { readText } from './scalars.ts'
import { describeValue, Mismatch, shaped } from './shaped.ts'

export interface WantedPackage {
  readonly name: string
  /** `1.2`, `1.2*`, `>=1.2`, `>=1.2,<2` or `latest`; absent: any. */
  readonly version?: string
}

const nameShape = /^[A-Za-z0-9@_][A-Za-z0-9+._@:/-]*$/

function readOne(item: unknown): WantedPackage[] | Mismatch {
  const entries = isDict(item) ? [...item] : [[item, null] as const]
  const packages: WantedPackage[] = []
  for (const [key, content] of entries) {
    const name = readText(key)
    if (name === undefined || !nameShape.test(name))
      return new Mismatch(`a package name is expected, not ${describeValue(key)}`)
    const version = content === null ? undefined : readText(content)
    if (content !== null && version === undefined)
      return new Mismatch(`the version of ${name} is text, not ${describeValue(content)}`)
    packages.push(version === undefined || version === '' ? { name } : { name, version })
  }
  return packages
}

/** `[vim, {nginx: 1.22*}]`; one name, or one mapping of names to versions, is taken as well. */
export const packageList = shaped<WantedPackage[]>({
  words: 'list of packages, each a name or {name: version}',
  json: {
    type: 'array',
    items: {
      anyOf: [
        { type: 'string' },
        { type: 'object', additionalProperties: { type: ['string', 'number', 'null'] } },
      ],
    },
  },
  read(value) {
    const packages: WantedPackage[] = []
    for (const item of isList(value) ? value : [value]) {
      const read = readOne(item)
      if (read instanceof Mismatch) return read
      packages.push(...read)
    }
    return packages
  },
})

export const packageName = shaped<string>({
  words: 'package name',
  json: { type: 'string' },
  read(value) {
    const name = readText(value)
    return name !== undefined && name !== ''
      ? name
      : new Mismatch(`a package name is expected, not ${describeValue(value)}`)
  },
})
