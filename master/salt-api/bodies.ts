/** Bodies in the forms that Salt's clients send: JSON, YAML, forms, and JSON that says it is plain text. */
import type { FastifyInstance } from 'fastify'
import { typeWord } from '../../shared/cli-arguments/parse.ts'
import { type Dict, isDict, isList, toValue, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { parseExactJson } from '../../shared/protocol/strict-json.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import { readJson } from '../api/app.ts'
import { bodyBytes } from '../api/tcp/limits.ts'

export class SaltBody {
  /** As it came, for webhooks. */
  readonly text: string
  /** null where the body is empty. */
  readonly value: Value

  constructor(text: string, value: Value) {
    this.text = text
    this.value = value
  }
}

type Read = (text: string) => Value

const json: Read = (text) => toValue(readJson(text, parseExactJson))

/** What is not JSON stays text, for webhooks of services that send what they like. */
const plain: Read = (text) => {
  try {
    return json(text)
  } catch (error) {
    if (/^\s*[[{]/.test(text)) throw error
    return text
  }
}

const yaml: Read = (text) => {
  try {
    return requireSize(loadYaml(text, '<body>'))
  } catch (error) {
    if (!isTsaltError(error) || error.code === 'request-too-large') throw error
    const { place, message, hint } = error
    const reason = `the YAML cannot be read: ${message.replace(/\.$/, '')}`
    throw new TsaltError('request-malformed', { reason }, { place, hint, cause: error })
  }
}

/**
 * Aliases make much of few bytes: unfolded, it has no more characters than a body without them could have.
 * @throws TsaltError `request-too-large`
 */
function requireSize(body: Value): Value {
  let left = bodyBytes
  const walk = (value: Value): void => {
    if (typeof value === 'string') left -= value.length
    if (left < 0) throw new TsaltError('request-too-large', { limit: bodyBytes })
    if (isList(value)) value.forEach(walk)
    else if (isDict(value))
      for (const [key, item] of value) {
        walk(key)
        walk(item)
      }
  }
  walk(body)
  return body
}

/** Repeated names make a list; `arg` and `kwarg` are typed as words of the command line are. */
const form: Read = (text) => {
  const fields = new Map<string, string[]>()
  // Each field once: asked by name, all would be looked through for each of very many names.
  for (const [name, word] of new URLSearchParams(text)) {
    const all = fields.get(name)
    if (all === undefined) fields.set(name, [word])
    else all.push(word)
  }
  const found: Dict = new Map()
  for (const [name, all] of fields) {
    const words = name === 'kwarg' ? all.map(typeWord) : all
    found.set(name, words.length === 1 ? (words[0] ?? null) : words)
  }
  return found
}

const readers: Readonly<Record<string, Read>> = {
  'application/json': json,
  'application/x-yaml': yaml,
  'application/yaml': yaml,
  'text/yaml': yaml,
  'text/plain': plain,
  'application/x-www-form-urlencoded': form,
}

export function readBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  for (const [type, read] of Object.entries(readers)) {
    scope.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => {
      const text = body.toString()
      try {
        done(null, new SaltBody(text, text.trim() === '' ? null : read(text)))
      } catch (error) {
        done(error as Error)
      }
    })
  }
}

export const bodyOf = (body: unknown): SaltBody => (body instanceof SaltBody ? body : new SaltBody('', null))
