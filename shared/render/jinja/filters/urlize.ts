/** Links around what looks like an address, as `urlize` makes them. */
import { escapeHtml } from '../escape.ts'

export interface UrlizeOptions {
  readonly limit: number | undefined
  readonly rel: readonly string[]
  readonly target: string | undefined
  readonly schemes: readonly string[]
}

const web =
  /^(?:https?:\/\/|www\.)[\w%-]+(?:\.[\w%-]+)*(?::\d+)?(?:[/?#]\S*)?$|^[\w%-]+(?:\.[\w%-]+)*\.(?:com|net|int|edu|gov|org|info|mil)(?::\d+)?(?:[/?#]\S*)?$/i
const mail = /^(?:mailto:)?[^\s@]+@[\w-]+(?:\.[\w-]+)+$/i

/** @param escaped what stands in HTML as it is */
export function urlize(escaped: string, options: UrlizeOptions): string {
  const rel = [...new Set(options.rel)].sort().join(' ')
  const attributes = `${rel === '' ? '' : ` rel="${escapeHtml(rel)}"`}${options.target === undefined ? '' : ` target="${escapeHtml(options.target)}"`}`
  return escaped
    .split(/(\s+)/)
    .map((word) => linked(word, attributes, options))
    .join('')
}

function linked(word: string, attributes: string, options: UrlizeOptions): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? ''
  const tail = /(?:[)>.,\n]|&gt;)+$/.exec(word.slice(head.length))?.[0] ?? ''
  const middle = word.slice(head.length, word.length - tail.length)
  const link = linkOf(middle, attributes, options)
  return link === undefined ? word : head + link + tail
}

function linkOf(middle: string, attributes: string, options: UrlizeOptions): string | undefined {
  const shown = (text: string): string =>
    options.limit !== undefined && text.length > options.limit ? `${text.slice(0, options.limit)}...` : text
  if (web.test(middle)) {
    const url = /^https?:\/\//i.test(middle) ? middle : `https://${middle}`
    return `<a href="${url}"${attributes}>${shown(middle)}</a>`
  }
  if (mail.test(middle)) {
    const plain = middle.replace(/^mailto:/, '')
    return middle === plain ? `<a href="mailto:${plain}">${plain}</a>` : `<a href="${middle}">${plain}</a>`
  }
  const scheme = options.schemes.find((one) => middle.startsWith(one) && middle !== one)
  return scheme === undefined ? undefined : `<a href="${middle}"${attributes}>${middle}</a>`
}
