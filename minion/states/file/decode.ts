/** file.decode: a file whose content is given in base64. */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { traverse } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, nonEmptyText, readText } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction } from '../contract.ts'
import { resolveLinks } from './link.ts'
import { parentObstacle } from './parent-obstacle.ts'

const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  encoded_data: optional(nonEmptyText, 'The content in base64, blanks and newlines left aside.'),
  contents_pillar: optional(nonEmptyText, 'Pillar key (`a:b`) that has it.'),
  encoding_type: defaulted(choice(['base64']), 'base64', 'How it is written.'),
  checksum: defaulted(choice(algorithms), 'md5', 'Digest that tells of the change.'),
})
type DecodeArguments = v.InferOutput<typeof args>

export const decode = stateFunction({
  summary: 'Makes sure that a file has the content that is given in base64.',
  args,
  examples: ['/etc/krb5.keytab:\n  file.decode:\n    - contents_pillar: kerberos:keytab\n'],
  refuse: ({ encoded_data, contents_pillar }) => {
    if (encoded_data !== undefined && contents_pillar !== undefined)
      return {
        argument: 'contents_pillar',
        reason: 'only one of encoded_data and contents_pillar is permitted',
      }
    if (encoded_data === undefined && contents_pillar === undefined)
      return { argument: 'encoded_data', reason: 'encoded_data or contents_pillar is needed' }
    return encoded_data !== undefined && !bytesOf(encoded_data)
      ? { argument: 'encoded_data', reason: 'it is not base64' }
      : undefined
  },
  check,
})

async function check(wanted: DecodeArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, contents_pillar: key } = wanted
  const encoded = wanted.encoded_data ?? readText(traverse(look.pillar, key ?? '', ':'))
  if (encoded === undefined) return failed(`Pillar ${key} does not exist or is no text`)
  const content = bytesOf(encoded)
  if (!content) return failed(`Pillar ${key} is not base64`)
  const { path, info } = await resolveLinks(name, look)
  if (info && info.type !== 'file') return failed(`${name} is a ${info.type}, not a file`)
  const before = info ? await look.files.read(path) : undefined
  if (before && Buffer.compare(before, content) === 0) return inSync('File is in the correct state.')
  const directory = 'Parent directory not present'
  const obstacle = info
    ? undefined
    : await parentObstacle({ name: path, makedirs: false }, directory, look, run)
  const digest = (bytes: Uint8Array): string => createHash(wanted.checksum).update(bytes).digest('hex')
  return (
    obstacle ??
    drift(
      { old: before ? digest(before) : null, new: digest(content) },
      { would: 'File is set to be updated.', done: 'File was updated.' },
      (act) => act.files.write(path, content),
    )
  )
}

/** undefined: there is something that base64 does not have. */
function bytesOf(encoded: string): Uint8Array | undefined {
  const squeezed = encoded.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(squeezed) || squeezed.length % 4 === 1) return undefined
  return new Uint8Array(Buffer.from(squeezed, 'base64'))
}
