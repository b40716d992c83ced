/** A configuration of Apache made of data: directives are keys, sections have what they are for under `this`. */
import { isDict, isList, type Value } from '../../../shared/data/value.ts'
import { readLooseText } from '../../../shared/schema/scalars.ts'

/** @returns undefined where it is not a list of one-key mappings */
export function configurationText(config: Value): string | undefined {
  const entries = isList(config) ? config : [config]
  const texts = entries.map((entry) => {
    if (!isDict(entry)) return undefined
    return [...entry].map(([key, value]) => part(String(key), value)).join('\n')
  })
  return texts.includes(undefined) ? undefined : texts.join('\n')
}

function part(directive: string, value: Value): string {
  if (isDict(value)) return section(directive, value.get('this'), [...value])
  if (!isList(value)) return `${directive} ${textOf(value)}`.trimEnd()
  const parts = value.filter(isDict).flatMap((item) => [...item])
  const title = parts.find(([key]) => key === 'this')?.[1]
  if (title !== undefined) return section(directive, title, parts)
  return value.map((item) => part(directive, item)).join('\n')
}

function section(
  name: string,
  title: Value | undefined,
  parts: readonly (readonly [unknown, Value])[],
): string {
  const head = title === undefined ? `<${name}>` : `<${name} ${textOf(title)}>`
  const body = parts.filter(([key]) => key !== 'this').map(([key, value]) => part(String(key), value))
  return [head, ...body, `</${name}>`].join('\n')
}

const textOf = (value: Value): string => readLooseText(value) ?? ''
