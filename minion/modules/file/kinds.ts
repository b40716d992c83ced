/** What Salt's filters of the same names ask of files: whether one is empty, text or binary, and what a folder holds. */
import { posix } from 'node:path'
import * as v from 'valibot'
import { isTsaltError, TsaltError } from '../../../shared/errors/error.ts'
import { needed } from '../../../shared/schema/argument.ts'
import { text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { execFunction } from '../contract.ts'

/** Bytes that tell the kind. */
const textBlock = 512
const binaryBlock = 2_048
/** Share of signs that are no text in what still counts as text. */
const mostStrange = 0.3
/** Entries of a walk; one over a whole disk in a template is a mistake. */
const mostEntries = 200_000

const args = v.strictObject({ path: needed(text, 'Path.') })

type Question = (path: string, look: Reader) => Promise<boolean>

function question(name: string, summary: string, ask: Question) {
  return execFunction({
    summary,
    args,
    examples: [`tsalt '*' file.${name} /etc/hosts`],
    readOnly: true,
    run: async ({ path }, { look }) => {
      try {
        return await ask(path, look)
      } catch (error) {
        // As in Salt: what cannot be read is neither.
        if (isTsaltError(error) && error.code === 'file-unreadable') return false
        throw error
      }
    },
  })
}

async function beginning(path: string, look: Reader, bytes: number): Promise<Uint8Array | undefined> {
  if (look.files.typeOf(path) !== 'file') return undefined
  return (await look.files.read(path)).subarray(0, bytes)
}

function strangeShare(signs: readonly number[], usual: readonly number[]): number {
  const strange = signs.filter((sign) => (sign < 32 || sign > 126) && !usual.includes(sign))
  return strange.length / signs.length
}

function decoded(block: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(block)
  } catch {
    return undefined
  }
}

async function isText(path: string, look: Reader): Promise<boolean> {
  const block = await beginning(path, look, textBlock)
  if (block === undefined || block.includes(0)) return false
  if (block.length === 0 || decoded(block) !== undefined) return true
  return strangeShare([...block], [8, 9, 10, 12, 13]) <= mostStrange
}

async function isBinary(path: string, look: Reader): Promise<boolean> {
  const block = await beginning(path, look, binaryBlock)
  if (block === undefined || block.length === 0) return false
  const content = decoded(block)
  if (content === undefined || block.includes(0)) return true
  const signs = [...content].map((sign) => sign.codePointAt(0) ?? 0)
  return strangeShare(signs, [8, 9, 10, 13]) > mostStrange
}

/** The folder itself, then what is below it; links are not followed. */
async function walk(folder: string, look: Reader, found: string[]): Promise<string[]> {
  for (const name of await look.files.list(folder)) {
    const path = posix.join(folder, name)
    found.push(path)
    if (found.length > mostEntries)
      throw new TsaltError('function-failed', {
        fun: 'file.list_files',
        reason: `there are more than ${mostEntries} entries`,
      })
    if ((await look.files.info(path))?.type === 'directory') await walk(path, look, found)
  }
  return found
}

export const kinds = {
  is_empty: question('is_empty', 'True where an entry is there and has no content.', async (path, look) => {
    return (await look.files.infoFollowed(path))?.size === 0
  }),
  is_text_file: question('is_text_file', 'True where the beginning of a file looks like text.', isText),
  is_bin_file: question(
    'is_bin_file',
    'True where the beginning of a file does not look like text.',
    isBinary,
  ),
  list_files: execFunction({
    summary: 'A folder and the paths of all that is below it.',
    args,
    examples: ["tsalt '*' file.list_files /etc/apt"],
    readOnly: true,
    run: async ({ path }, { look }) =>
      look.files.typeOf(path) === 'directory' ? walk(path, look, [path]) : [path],
  }),
}
