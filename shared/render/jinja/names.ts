/** Names of templates: relative to the roots, or with `./` and `../` to the folder of the template that names them. */
import { PyError } from './values.ts'

/** @param from name of the template that names it. @throws PyError TemplateNotFound above the roots */
export function resolveName(name: string, from: string): string {
  const plain = name.replace(/^salt:\/\//, '')
  const relative = /^\.\.?\//.test(plain)
  const folder = relative && from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : ''
  const parts: string[] = []
  for (const part of `${folder}/${plain}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined)
      throw new PyError('TemplateNotFound', `${name} (it leads above the root of the tree)`)
  }
  return parts.join('/')
}
