/** `salt://path?saltenv=name`, `file:///path` or `/path`, taken apart. */
import { TsaltError } from '../../shared/errors/error.ts'
import { isTreePath } from '../../shared/protocol/fields.ts'

export type SourceUrl =
  | { readonly kind: 'tree'; readonly environment: string; readonly path: string }
  | { readonly kind: 'local'; readonly path: string }

/**
 * @param environment of the SLS that asks; `?saltenv=` overrides it
 * @throws TsaltError `source-scheme-unknown`, `source-unreadable`
 */
export function parseSourceUrl(url: string, environment: string): SourceUrl {
  if (url.startsWith('/')) return { kind: 'local', path: url }
  if (url.startsWith('file:///')) return { kind: 'local', path: url.slice('file://'.length) }
  if (!url.startsWith('salt://')) throw new TsaltError('source-scheme-unknown', { url })
  const [whole = '', query] = splitQuery(url.slice('salt://'.length))
  const path = whole.replace(/^\|?\/*/, '').replace(/\/+$/, '')
  if (path !== '' && !isTreePath(path))
    throw new TsaltError('source-unreadable', { url, reason: 'the path has empty, "." or ".." steps' })
  return { kind: 'tree', environment: query ?? environment, path }
}

function splitQuery(text: string): [path: string, environment: string | undefined] {
  const match = /^(.*)\?(?:saltenv|env)=([\w.-]+)$/s.exec(text)
  return match ? [match[1] ?? '', match[2]] : [text, undefined]
}
