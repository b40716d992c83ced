/** Names of images, containers, networks and volumes. */
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

const named = (words: string, example: string, pattern: RegExp) =>
  shaped<string>({
    words,
    json: { type: 'string' },
    read(value) {
      const read = readText(value)
      return read !== undefined && pattern.test(read)
        ? read
        : new Mismatch(`${words} such as ${example} is expected, not ${describeValue(value)}`)
    },
  })

export const thingName = named('a name', 'web', /^[A-Za-z0-9][\w.-]{0,127}$/)
export const imageName = named('an image', 'postgres:16', /^[A-Za-z0-9][\w.:/@-]{0,254}$/)

/** `name:tag`; the tag is `latest` where none is said. */
export function withTag(name: string, tag?: string): string {
  if (tag !== undefined) return `${name}:${tag}`
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`
}

/** What /images/create is asked for. */
export function pullPath(image: string): string {
  const [, name = image, tag = ''] = /^(.*):([^/:]+)$/.exec(image) ?? []
  const isDigest = image.includes('@')
  return isDigest
    ? `/images/create?fromImage=${encodeURIComponent(image)}`
    : `/images/create?fromImage=${encodeURIComponent(name)}&tag=${encodeURIComponent(tag || 'latest')}`
}
