/** Where the output goes: standard output, or the file of --out-file, which --out-file-append leaves what it has. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import type { OutputOptions } from './command-line.ts'
import type { Console } from './console.ts'

export interface Output {
  write(text: string): void
  close(): void
}

/** @throws TsaltError `usage-wrong` where the file can't be written */
export function openOutput(
  console: Console,
  { outFile: file, outFileAppend: append }: Pick<OutputOptions, 'outFile' | 'outFileAppend'>,
): Output {
  if (file === undefined) return { write: (text) => console.out(text), close: () => undefined }
  let descriptor: number
  try {
    descriptor = openSync(file, append ? 'a' : 'w', 0o600)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new TsaltError('usage-wrong', { reason: `Cannot write ${file}: ${reason}` }, { cause: error })
  }
  return { write: (text) => void writeSync(descriptor, text), close: () => closeSync(descriptor) }
}
