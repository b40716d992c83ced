/** A text file of the system that a state edits: what it holds, and writing it back where its links lead. */
import type { Changer, WriteOptions } from '../system/changer.ts'
import type { FileInfo, Reader } from '../system/reader.ts'
import { type Failed, failed } from './contract.ts'
import { resolveLinks } from './file/link.ts'
import { makeParents } from './file/parents.ts'

export interface TextFile {
  readonly kind: 'text'
  /** Behind the last link. */
  readonly path: string
  /** undefined: there is none, and `text` is empty. */
  readonly info: FileInfo | undefined
  readonly text: string
}

/** @returns Failed where something else than a text file is there */
export async function readTextFile(name: string, look: Reader): Promise<TextFile | Failed> {
  const { path, info } = await resolveLinks(name, look)
  if (!info) return { kind: 'text', path, info, text: '' }
  if (info.type !== 'file')
    return failed(
      `${name} is a ${info.type}, not a file`,
      'Name another file, or remove what is there in an earlier state (file.absent).',
    )
  const content = await look.files.read(path)
  try {
    return { kind: 'text', path, info, text: new TextDecoder('utf-8', { fatal: true }).decode(content) }
  } catch {
    return failed(
      `${name} is not text in UTF-8, so it cannot be edited`,
      'Convert it (see "man iconv") first.',
    )
  }
}

/** @param fresh owner and mode of a file that was not there; its folder is made as well */
export async function writeTextFile(
  file: TextFile,
  text: string,
  act: Changer,
  fresh: WriteOptions = {},
): Promise<void> {
  if (!file.info) await makeParents(file.path, {}, undefined, act)
  await act.files.write(file.path, Buffer.from(text, 'utf8'), file.info ? {} : fresh)
}

/** Lines without the newline that ends the last one. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

export const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
